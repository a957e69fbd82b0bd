"""A writer of the chaos test, as a process: commits, rolls back, and now and then keeps a transaction open.

Prints the names of what it has committed. Arguments: the connection string, a seed, how many seconds.
"""

from __future__ import annotations

import random
import sys
import time

import psycopg


def main(conninfo: str, seed: int, seconds: float) -> None:
    drawn = random.Random(seed)
    until = time.monotonic() + seconds
    number = 0
    with psycopg.connect(conninfo) as session:
        while time.monotonic() < until:
            names = []
            for _ in range(drawn.randint(1, 4)):
                number += 1
                names.append(f"w{seed}-{number}")
                session.execute("INSERT INTO testapp_author (name, api_token) VALUES (%s, '')", [names[-1]])
                if drawn.random() < 0.2:
                    # A savepoint of which nothing stays.
                    session.execute("SAVEPOINT s")
                    session.execute("INSERT INTO testapp_author (name, api_token) VALUES ('never', '')")
                    session.execute("ROLLBACK TO s")
                if drawn.random() < 0.3:
                    time.sleep(drawn.random() * 0.02)
            if drawn.random() < 0.01:
                time.sleep(1)
            if drawn.random() < 0.1:
                session.rollback()
                continue
            session.commit()
            sys.stdout.write("".join(f"{name}\n" for name in names))
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
