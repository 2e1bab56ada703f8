"""A scenario file that is right, for tests to break."""

BASE = """\
days = 28
agents = 100

[market]
price = 10.0

[[personas]]
name = "young"
share = 0.4

[[personas]]
name = "old"
share = 0.6
platforms = { instagram = 0.5 }

[[touchpoints]]
name = "tv"
kind = "paid"
purpose = "brand"
cpm_eur = 10.0
[touchpoints.spend]
weekly_eur = 500.0
[[touchpoints.spend.flights]]
start = 2026-01-05
end = 2026-01-11
weekly_eur = 100
[[touchpoints.spend.flights]]
start = 2026-01-12
end = 2026-01-18
weekly_eur = 100

[[ties]]
name = "friends"
"""
