"""The scenario that `journey new` writes: small, complete, every line explained."""

STARTER = """\
# A customer journey scenario. Run it:      journey run THIS_FILE
# See what it will do first:                journey check THIS_FILE
# Try a change without editing:             journey run THIS_FILE --set market.price=9.9
# Settings left out take sensible defaults; every key has its unit in its name. Money is in EUR, shares are 0 to 1.

title = "My first journey"
description = "A subscription bought by two kinds of people, met through an advert, a website and a newsletter."
days = 365                  # length of the run
agents = 20000              # simulated consumers; more give smoother results and take longer
seed = 1                    # another seed is another roll of the dice
start_date = 2026-01-05     # the first day

# ---- What is sold, and against whom

[market]
kind = "subscription"       # or "repeat" (groceries) or "durable" (bought once in a while)
size = 1000000              # people in the market; each agent stands for size / agents of them
price = 12.0                # EUR per period (subscription) or per purchase
unit_cost = 5.0             # EUR it costs to make and deliver one
period_days = 30            # subscription: days between renewals
needs_per_year = 6.0        # how often somebody without the product feels a need for it
season = [1.0, 1.0, 1.0, 1.0, 0.9, 0.9, 0.8, 0.8, 1.0, 1.1, 1.2, 1.3]  # needs from January to December, 1 = usual

[[market.rivals]]
name = "big_brand"
attraction = 2.0            # twice as well liked as you, before anybody has met your brand
price = 11.0
weekly_spend_eur = 20000    # their advertising

[[market.rivals]]
name = "cheap_brand"
price = 8.0

[[market.discounts]]        # a price cut for everybody
start = 2026-11-23
end = 2026-11-30
percent = 20

# ---- Where people stand on the first morning; all others have never heard of you

[start]
awareness = 0.15
consideration = 0.05
retention = 0.02            # customers who renew
loyalty = 0.01              # customers who would not think of leaving

# ---- Who they are: shares of all personas sum to 1

[[personas]]
name = "young_urban"
share = 0.4
segment = "city"            # a segment should hold no more than three personas
platforms = { instagram = 0.7, tiktok = 0.5 }   # share who use them
price_sensitivity = 4.0     # how much a higher price puts them off
involvement = 1.3           # how much they talk, 1 = average
contact = { branch = 0.0, self_service = 0.3, service_centre = 0.1, portal = 0.3, social = 0.3 }  # for help; sums to 1

[[personas]]
name = "settled_family"
share = 0.6
segment = "suburb"
platforms = { instagram = 0.4 }
price_sensitivity = 2.5
trust_paid = 0.3            # how much they believe adverts; also trust_owned and trust_earned

# ---- Touchpoints: every way to meet your brand, and what it costs
# kind     paid (adverts), owned (what is yours), earned (what others do for you)
# purpose  acquisition, retention, brand or service: the account its costs go to

[[touchpoints]]
name = "social_ads"
kind = "paid"
purpose = "acquisition"
phases = ["before"]         # before, during or after the purchase, or lapsed: whom it addresses
platform = "instagram"      # only its users see it
cpm_eur = 8.0               # EUR per thousand contacts
frequency_cap_per_week = 5  # nobody sees it more often
attention = 0.25            # chance that a contact is noticed, before trust
message_belief = 0.5        # what it promises, -1 to 1; promise more than `experience.quality` and they are let down
message_feeling = 0.4       # the mood it carries, -1 to 1
click = 0.02                # chance that a noticed contact leads to ...
lands_on = "website"
affinity = { young_urban = 1.5 }                # relative pressure by persona, 1 if not named
[touchpoints.spend]
weekly_eur = 6000
# Weekly amounts may also come from a CSV file with a row per week:
# file = "plan.csv"
# column = "social_ads"
# date_column = "DATE"
[[touchpoints.spend.flights]]                   # more money for a while
start = 2026-09-07
end = 2026-10-04
weekly_eur = 5000

[[touchpoints]]
name = "website"
kind = "owned"
purpose = "acquisition"
phases = ["before", "during"]
fixed_eur_per_week = 800    # paid whatever happens
visits_per_week = 0.02      # visits of an average person from the street
cost_per_contact_eur = 0.01
prompt = 0.01               # chance that a noticed contact makes somebody buy now
inform = 0.06               # how far a contact moves what they believe ...
touch = 0.02                # ... and what they feel

[[touchpoints]]
name = "newsletter"
kind = "owned"
form = "sends"              # owned touchpoints are visited ("visits") or sent ("sends")
purpose = "retention"
phases = ["after"]
opt_in = 0.5                # share who allow it
sends_per_week = 0.5
cost_per_contact_eur = 0.01
bond = 0.01                 # how far it moves a customer towards full loyalty

[[touchpoints]]
name = "refer_a_friend"
kind = "earned"
form = "referral"           # earned: "curation" of fans' posts, hired "influencers", or "referral"
purpose = "acquisition"
phases = ["after"]
reward_eur = 10.0           # for every customer won
invite_share = 0.2          # share of friendly talk that carries an invitation
spend = { weekly_eur = 500 }

# ---- Who knows whom: talk runs along these ties

[[ties]]
name = "friends"            # without a platform these are friends and family who talk in person
kind = "small_world"
mean_degree = 8             # friends per person

[[ties]]
name = "followers"
kind = "power_law"          # a few are followed by very many
platform = "instagram"      # posts travel here
mean_degree = 12
transmission = 0.1          # chance that a post reaches a follower

# ---- What customers live through

[experience]
quality = 0.4               # how good the product is, -1 to 1
leave_a = 1.0               # at each renewal a / (a + b) of new customers leave by themselves; "none" = nobody
leave_b = 19.0

[service]
failures_per_year = 0.3     # serious problems per customer
goodwill_share = 0.1        # share of unsolved cases settled generously ...
goodwill_eur = 10.0         # ... at this cost
[service.desks.service_centre]
staff = 6                   # people at work every day; see also branch, self_service, portal and social
"""
