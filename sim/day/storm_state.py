"""What a storm carries from hour to hour. Nothing of it exists before the first trigger."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from sim.agents.consumers import BAD, POST
from sim.day.storm_calendar import Calendar
from sim.plan import Plan
from sim.storm_plan import Cause

#: Bits of `Outrage.state`, the first thing read of anybody. SEEN: in the storm that is alive; LOOKS: sees something in
#: this hour; TIRED: was outraged once, and may be immune; SPENT: is so for ever;
#: SHAKEN: is on the list of those who have not forgotten.
OUTRAGED, SEEN, DEFENDS, LOOKS, TIRED, SHAKEN, SPENT = 1, 2, 4, 8, 16, 32, 64
#: Freshness of what was seen, as kept per consumer: 0 .. FRESH stand for 0 .. 1.
FRESH = 250
#: What an angry post looks like among the bits of `Consumers.speaking`.
BAD_POST = POST | BAD
#: How somebody was reached.
FIRST, CLOSE, PLATFORM, HUB, MEDIA = range(5)
CHANNELS = ("first", "close", "platform", "hub", "media")

#: What one consumer sees in one hour.
VIEW = np.dtype(
    [
        ("who", np.int32),
        ("source", np.int32),  # consumer whose post it is, of several on this way the smallest number; -1 = nobody's
        ("weight", np.int32),  # hundredths of a post
        ("way", np.int32),  # it came first: a layer, or after all layers the hub and the media
    ]
)
#: One hour of a storm, in agents.
HOUR = np.dtype(
    [
        ("moment", np.int64),  # 24 day + hour
        ("posts_consumers", np.int64),  # on their own pages
        ("posts_trolls", np.int64),  # wherever
        ("posts_hub", np.int64),  # of others, on the brand's page
        ("told", np.int64),  # spoke to close ties
        ("media", np.int64),  # 1 if press and television reported
        *((f"reached_{name}", np.int64) for name in CHANNELS),  # for the first time in this storm
        ("joined", np.int64),  # newly outraged
        ("outraged", np.int64),  # at the start of the hour
        ("supporters", np.int64),  # answering in this hour
        ("answered_hub", np.float64),  # share of the posts on the hub that moderators answered
        ("appeal", np.float64),  # chance that a post makes somebody of neutral feeling join
        ("response", np.int64),  # bits of the responses that began, by position in RESPONSES
        ("compensated", np.int64),
    ]
)
#: Who was outraged by whom.
INFECTION = np.dtype([("moment", np.int64), ("who", np.int32), ("source", np.int32), ("channel", np.uint8)])


@dataclass
class People:
    """A list of consumers that grows and shrinks: numbers, and two hours that belong to each."""

    who: np.ndarray  # int32
    since: np.ndarray  # int32, hour
    until: np.ndarray  # int32, hour
    size: int = 0

    def add(self, who: np.ndarray, since: int = 0, until: int | np.ndarray = 0) -> None:
        """Put consumers, int32, at the end; there must be room for them."""
        if not who.size:
            return
        some = slice(self.size, self.size + who.size)
        self.who[some], self.since[some], self.until[some] = who, since, until
        self.size += who.size


def nobody(room: int) -> People:
    """An empty list with room for so many."""
    return People(np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32))


@dataclass
class Outrage:
    """The storm of a run: columns per consumer, lists of those involved, and what the brand knows and does."""

    state: np.ndarray  # uint8 [N], bits
    immune: np.ndarray  # int32 [N], cannot be lit before this hour
    fresh: np.ndarray  # uint8 [N], 0 .. FRESH
    place: np.ndarray  # int32 [N], of who LOOKS: his among `views`
    views: np.ndarray  # VIEW [N], of this hour
    active: People  # outraged, or were earlier today
    seen: People  # reached in this storm
    shaken: People  # not forgotten yet
    defenders: People  # supporters, until when
    channels: np.ndarray  # uint8 [L + 2], channel of each way of being reached: layers, the hub, the media
    outraged: int = 0  # how many are
    cause: Cause | None = None  # None = no storm is alive
    spill: float = 0.0  # share of the damage that rivals suffer
    media_until: int = -1  # they report in hours below
    reported: bool = False
    detected: int = -1  # hour from which the brand knows; -1 = it does not
    calm: float = 1.0  # factor of the answers on joining
    relief: float = 1.0  # factor of the answers on harm
    hidden: float = 0.0  # share of posts on the hub that nobody sees
    boost: float = 0.0  # of supporters' answers
    given: float = 0.0  # strength of repair with compensation; 0 = none is offered
    moved: float = 0.0  # share of posts on the hub taken to a private channel
    fired: int = 0  # bits of responses begun
    out_day: int = -1_000_000  # day the last storm went out
    # today
    calendars: list[Calendar] = field(default_factory=list)  # what the outraged will do until midnight, of each thread
    pool: Executor | None = None  # threads that settle days
    begun: int = 0  # first posters of this hour, and how many of them had not seen a storm that is alive
    begun_new: int = 0
    hours: list[np.ndarray] = field(default_factory=list)  # HOUR [1] each
    infections: list[np.ndarray] = field(default_factory=list)  # INFECTION
    cents: int = 0  # spent today on answers
    sampled: int = 0  # infections kept so far
    crowds: dict[int, np.ndarray] = field(default_factory=dict)  # users by membership bits, int32

    @property
    def alive(self) -> bool:
        """Whether a storm is going on."""
        return self.cause is not None


def calm_before(plan: Plan) -> Outrage:
    """Nobody is outraged: the state on the day of the first trigger."""
    agents = plan.agents
    by_layer = [CLOSE if wanted < 0 else PLATFORM for wanted in plan.posting_what]
    return Outrage(
        state=np.zeros(agents, np.uint8), immune=np.zeros(agents, np.int32), fresh=np.zeros(agents, np.uint8),
        place=np.empty(agents, np.int32), views=np.empty(agents, VIEW),
        active=nobody(agents), seen=nobody(agents), shaken=nobody(agents), defenders=nobody(agents),
        channels=np.array([*by_layer, HUB, MEDIA], np.uint8),
    )  # fmt: skip
