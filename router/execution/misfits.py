"""What generated code raises for data that it leaves to the careful ways: no error, but a question."""


class Misfit(ValueError):  # noqa: N818 - as above
    """The data are not as the API schema promises."""


MISFITS = (Misfit, LookupError, TypeError, AttributeError, RecursionError)
"""All that code may raise which looks at data as if they were faultless."""
