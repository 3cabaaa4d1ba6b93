"""A setting is a field with its default and its rule; both can be borrowed, neither restated."""

from dataclasses import asdict, dataclass, fields

import pytest

from aae.base.checks import at_least, list_of, within
from aae.base.settings import check_fields, rule_of, same_as, setting


@dataclass(frozen=True)
class Base:
    count: int = setting(3, at_least(1))
    sizes: list[int] = setting([2, 1], list_of(at_least(0)))
    free: str = "unchecked"

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass
class Other:
    share: float = setting(0.5, within("(0, 1)"))
    count: int = same_as(Base, "count")

    def __post_init__(self) -> None:
        check_fields(self, "other")


def test_fields_have_their_defaults() -> None:
    assert asdict(Base()) == {"count": 3, "sizes": [2, 1], "free": "unchecked"}
    assert Base.count == 3


def test_instances_do_not_share_a_list() -> None:
    Base().sizes.append(9)
    assert Base().sizes == [2, 1]


def test_a_field_out_of_range_is_named_with_its_prefix() -> None:
    with pytest.raises(ValueError, match=r"^expected count to be a whole number >= 1, got 0$"):
        Base(count=0)
    with pytest.raises(ValueError, match=r"^expected sizes\[1\] to be a whole number >= 0, got -1"):
        Base(sizes=[1, -1])
    with pytest.raises(ValueError, match=r"^expected other.share to be a number in \(0, 1\), got"):
        Other(share=1)


def test_a_borrowed_field_has_the_default_and_the_rule() -> None:
    own, borrowed = fields(Base)[0], fields(Other)[1]
    assert Other().count == Base().count
    assert rule_of(borrowed) is rule_of(own) is not None
    assert rule_of(fields(Base)[2]) is None
