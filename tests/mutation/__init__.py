"""`make mutate`: how many wrong contracts would the tests let through?

Each mutant is the contracts with one token of one line changed. `sites` finds them, `campaign` has the tests
look at a sample of them, `records` keeps what came of each and writes the table.
"""
