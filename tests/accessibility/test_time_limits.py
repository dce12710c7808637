"""Nobody is hurried (WCAG 2.2.1): why no page warns that time runs out.

The session of a subscriber ends after days without a visit, and the criterion asks for no warning when a limit is
longer than twenty hours; a form that is open meanwhile keeps what was typed. Codes and passes are short because they
are keys, which the criterion allows (without that they would be none), and each can be had again by one press: a code
by «Отправить ещё раз», a guest's pass by the number on the bill. The portal's staff, whose sessions are short, works
at its command line.
"""

from datetime import timedelta

from lkk_reflex.accounts.guests import PASS_LIFE
from lkk_reflex.identity import limits

_LONG_ENOUGH = timedelta(hours=20)
#: Far more than it takes to go to one's mailbox or to one's meter and back.
_UNHURRIED = timedelta(minutes=10)


def test_sessions_of_subscribers_are_too_long_to_need_a_warning() -> None:
    assert limits.SESSION_IDLE_LIFE > _LONG_ENOUGH
    assert limits.SESSION_LIFE > limits.SESSION_IDLE_LIFE


def test_keys_leave_time_to_use_them() -> None:
    assert min(limits.EMAIL_CODE_LIFE, limits.SMS_CODE_LIFE, limits.LINK_LIFE, limits.PROOF_LIFE) >= _UNHURRIED
    assert timedelta(hours=1) <= PASS_LIFE
