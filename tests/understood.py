"""The last words of the scripts that read the engines' own test suites."""

TITLES = ((False, "DDL and utility"), (True, "queries and rows"))


def tell(counts, wanted):
    """Prints the shares; answers the exit code: 1 when too little of the DDL is understood.

    `counts`: by whether a statement is one of rows, how many were missed and how many there are.
    """
    for rows, title in TITLES:
        wrong, valid = counts[rows]
        share = 100 * (valid - wrong) / valid if valid else 100
        print(f"{title:<18}{valid - wrong:>7} of {valid:>6} valid statements understood: {share:.2f} %")
    wrong, valid = counts[False]
    return 0 if valid - wrong >= wanted * valid else 1
