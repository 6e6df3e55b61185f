"""Scenarios: a year of the protocol as a file, played on any world that can do what the file says.

loaded = load_scenario("scenarios/first-year.yaml")
report = play(loaded, world, Console())
"""
