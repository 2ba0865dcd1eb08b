"""Rules of messages, without a database."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from yicha.base.messages import rules
from yicha.base.messages.terms import Channel, DeliveryState
from yicha.kernel.refusal import Refused

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes or more").decode()


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.EMAIL, "lao-mian@example.cn"),
        (Channel.EMAIL, "张三@example.com.cn"),
        (Channel.SMS, "13800000000"),
        (Channel.SMS, "+8613800000000"),
        (Channel.ROBOT, "street-12.market"),
    ],
)
def test_a_good_address_is_taken(channel: Channel, address: str) -> None:
    assert rules.refuse_address(channel, address, 0) == []


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.EMAIL, "lao-mian"),
        (Channel.EMAIL, "a@b"),
        (Channel.EMAIL, "a b@example.cn"),
        (Channel.EMAIL, "a@example.cn\nBcc: all@example.cn"),
        (Channel.EMAIL, "a@example.cn, b@example.cn"),
        (Channel.EMAIL, "a" * 65 + "@example.cn"),
        (Channel.SMS, "call me"),
        (Channel.SMS, "123"),
        (Channel.ROBOT, "../admin"),
        (Channel.INSIDE, "anything"),
    ],
)
def test_what_is_no_address_is_refused(channel: Channel, address: str) -> None:
    (reason,) = rules.refuse_address(channel, address, 0)
    assert reason.code == "messages.address"


def test_an_address_beyond_the_most_is_refused() -> None:
    (reason,) = rules.refuse_address(Channel.EMAIL, "a@example.cn", rules.MOST_ADDRESSES)
    assert reason.code == "messages.too-many-addresses"


def test_a_telephone_number_is_kept_without_what_people_put_into_it() -> None:
    assert rules.tidy_address(Channel.SMS, " 138-0000 0000 ") == "13800000000"
    assert rules.tidy_address(Channel.EMAIL, " a-b@example.cn ") == "a-b@example.cn"


def test_a_masked_address_is_recognised_and_cannot_be_written_to() -> None:
    assert rules.mask("lao-mian@example.cn") == "l***@example.cn"
    assert rules.mask("13812345678") == "138****5678"
    assert rules.mask("short") == "****"


def test_an_audience_has_a_kind_and_a_code() -> None:
    assert rules.audience_of("enterprise", "91110112MA0000001X") == "enterprise:91110112MA0000001X"
    for kind, code in (("everybody", "1"), ("agency", "")):
        with pytest.raises(ValueError, match="nobody"):
            rules.audience_of(kind, code)


def test_waits_grow_and_end_within_two_days() -> None:
    waits = [rules.wait_after(tries) for tries in range(1, rules.MOST_TRIES)]
    assert waits == sorted(waits) and waits[0] == rules.FIRST_WAIT
    assert timedelta(hours=12) < sum(waits, timedelta()) < timedelta(days=2)
    assert not rules.is_over(rules.MOST_TRIES - 1) and rules.is_over(rules.MOST_TRIES)


def test_a_delivery_keeps_its_name_at_every_try_and_another_address_has_another() -> None:
    names = {
        rules.reference_of(UUID(int=1), Channel.EMAIL, "a@example.cn"),
        rules.reference_of(UUID(int=1), Channel.EMAIL, "a@example.cn"),
        rules.reference_of(UUID(int=1), Channel.EMAIL, "b@example.cn"),
        rules.reference_of(UUID(int=2), Channel.EMAIL, "a@example.cn"),
    }
    assert len(names) == 3


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's own libraries."""
    signature = rules.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_was_sent_is_not_sent_again_and_what_failed_may_be() -> None:
    assert rules.STEPS.after(DeliveryState.FAILED, "retry") is DeliveryState.QUEUED
    for state in (DeliveryState.SENT, DeliveryState.QUEUED):
        with pytest.raises(Refused):
            rules.STEPS.after(state, "retry")
