"""The list of all cases: functions that fill in a Case (scene.py). The name of the function is the case's name."""
import flow_cases
import input_cases
from scene import Case

BUILDERS = flow_cases.CASES + input_cases.CASES


def build(folder, only=""):
    """Writes the captures of all cases whose name contains `only`; returns the cases."""
    cases = []
    for builder in BUILDERS:
        if only in builder.__name__:
            case = Case(builder.__name__, folder, (builder.__doc__ or "").strip())
            builder(case)
            cases.append(case)
    names = [case.name for case in cases]
    assert len(names) == len(set(names)), "two cases have one name"
    return cases
