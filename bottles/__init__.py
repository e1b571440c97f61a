"""The domain: bottles, crates, and everyone who hands them on.

Units, once for all: seconds, metres, grams, bottles, cents; places are [lon, lat] in degrees where they are a list;
times are aware and in UTC; minutes of a local day count from midnight.

Glossary: a *partner* is an organisation in the loop, a *point* is where a vehicle may stop, a *crate* holds bottles, a
*pickup* is a partner's request, a *task* is something to collect or deliver, a *plan* is a day's decision, a *route*
one vehicle's part of it, a *stop* one halt, a *lock* what is fixed for it, an *event* what somebody did, a *batch*
sorted bottles of one type, a *wash run* one machine cycle, a *lot* one type out of one run, a *transfer* n items from
one account to another, *cullet* the glass that leaves the loop, a *dispute* what does not add up and waits for a
person.

Use cases read noun.verb, take the session first and the time last, never commit, and read no clock.
"""
