"""`/l/<slug>` answered before the framework: the link from memory, the click into the spool, then the 302.

Either in front of the web application in its own process (`answer.in_front_of`), or alone as a small server
(`socialshop redirect`). Imports neither Flask nor SQLAlchemy. What a tap was worth is judged later, by `flows.drain`.
"""
