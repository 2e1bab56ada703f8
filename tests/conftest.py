"""What all tests need, however they were started."""

import signal

# A shell that starts something in the background has it ignore Ctrl-C, and all it starts itself; tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
