"""What is counted while a day runs: columns of the integer tables that kernels add to.

Kernels add per chunk of consumers; the engine sums chunks in order. Adding a count means one member here, one line in a
kernel and one entry in `sim/record.py`.
"""

from __future__ import annotations

from enum import IntEnum


class TouchCount(IntEnum):
    """Per touchpoint and day, in agents."""

    IMPRESSIONS = 0
    CONTACTS = 1
    NEW_REACH = 2
    NOTICED = 3
    REACTIONS = 4
    COMMENTS_NEGATIVE = 5
    COMMENTS_ANSWERED = 6
    CLICKS = 7
    LANDINGS = 8
    PROMPTS = 9
    REFUSED = 10
    INVITED_WINS = 11


class PersonCount(IntEnum):
    """Per persona and day, in agents unless noted."""

    NEEDS = 0
    FIRST_PURCHASES = 1
    REPEAT_PURCHASES = 2
    RIVAL_PURCHASES = 3
    NOTHING_PURCHASES = 4
    REVENUE_CENTS = 5  # agents' cents
    LOST_BY_CHOICE = 6
    LOST_AFTER_PROBLEM = 7
    LOST_INACTIVE = 8
    TALK_GOOD = 9
    TALK_BAD = 10
    POSTS_GOOD = 11
    POSTS_BAD = 12
    HEARD_GOOD = 13
    HEARD_BAD = 14
    REVIEWS_GOOD = 15
    REVIEWS_BAD = 16
    PROBLEMS = 17
    COMPLAINTS = 18
    OUTCOME_SILENT = 19
    OUTCOME_UNRESOLVED = 20
    OUTCOME_RESOLVED = 21
    OUTCOME_QUICK = 22
    OUTCOME_GOODWILL = 23
    RESPONSE_DAYS = 24
    CASES_HANDLED = 25
    REACTIONS = 26
    UGC = 27
    PROMOTERS = 28
    DETRACTORS = 29
    WON_BACK = 30
    LOST_OF_START = 31  # lost who were customers on the first morning
    STORM_REACHED = 32  # saw a storm for the first time since it broke out
    STORM_OUTRAGED = 33  # became outraged
    STORM_POSTS = 34  # posts of the outraged
    STORM_COMPENSATED = 35  # customers who took a compensation


class FeelingSum(IntEnum):
    """Float sums per persona and stage, taken in the evening."""

    FEELING = 0
    BELIEF = 1
    SALIENCE = 2
    SATISFACTION = 3  # of customers; other stages have none
    LOYALTY = 4  # likewise


TOUCH_COUNTS = len(TouchCount)
PERSON_COUNTS = len(PersonCount)
FEELING_SUMS = len(FeelingSum)
