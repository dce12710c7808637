"""All settings of an installation."""

from pathlib import Path

import pytest

from lkk_reflex.settings import (
    YOOKASSA_API_URL,
    MailSender,
    Mode,
    PasswordProfile,
    Settings,
    SettingsError,
    SmsSender,
    load_settings,
)

SECRET = "x" * 32
PRODUCTION = {
    "LKK_MODE": "production",
    "LKK_COMPANY_NAME": "Горводоканал",
    "LKK_SECRET_KEY": SECRET,
    "LKK_PUBLIC_URL": "https://lk.example.ru",
    "LKK_MAIL_SENDER": "smtp",
    "LKK_SMTP_HOST": "mail.example.ru",
}


def problems(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as error:
        load_settings(environment)
    return str(error.value)


def test_demo_needs_no_settings(tmp_path: Path) -> None:
    settings = load_settings({"LKK_DATA_DIR": str(tmp_path)})
    assert settings.is_demo
    assert settings.public_url == "http://localhost:3000"
    assert settings.database_url == f"sqlite:///{tmp_path}/portal.sqlite3"
    assert (settings.mail_sender, settings.sms_sender) == (MailSender.FILE, SmsSender.FILE)
    assert settings.password_profile is PasswordProfile.INSTRUCTION
    assert settings.yookassa_api_url == settings.sandbox_bank_api_url


def test_secret_of_the_demo_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = load_settings({"LKK_DATA_DIR": str(tmp_path / "var")}).secret_key
    assert load_settings({"LKK_DATA_DIR": str(tmp_path / "var")}).secret_key == first
    assert len(first) >= 32
    assert (tmp_path / "var" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_directory_of_data_is_for_its_owner_only(tmp_path: Path) -> None:
    load_settings({"LKK_DATA_DIR": str(tmp_path / "var")})
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("place", ["file", "file/var"])
def test_directory_of_data_that_cannot_be_made_is_named(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert problems({"LKK_DATA_DIR": str(tmp_path / place)}).startswith("LKK_DATA_DIR: ")


def test_production_starts_with_the_necessary_settings() -> None:
    settings = load_settings(PRODUCTION)
    assert settings.mode is Mode.PRODUCTION
    assert settings.is_https
    assert settings.sms_sender is SmsSender.OFF
    assert settings.yookassa_api_url == YOOKASSA_API_URL


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"LKK_MAIL_SENDER": "file"}, "LKK_MAIL_SENDER"),
        ({"LKK_MAIL_SENDER": ""}, "LKK_MAIL_SENDER"),
        ({"LKK_SMS_SENDER": "file"}, "LKK_SMS_SENDER"),
        ({"LKK_YOOKASSA_API_URL": "http://127.0.0.1:3000/sandbox/bank/v3"}, "LKK_YOOKASSA_API_URL"),
        ({"LKK_YOOKASSA_API_URL": "https://localhost/v3"}, "LKK_YOOKASSA_API_URL"),
        ({"LKK_PUBLIC_URL": "http://lk.example.ru"}, "LKK_PUBLIC_URL"),
        ({"LKK_COMPANY_NAME": ""}, "LKK_COMPANY_NAME"),
        ({"LKK_SECRET_KEY": ""}, "LKK_SECRET_KEY"),
        ({"LKK_SECRET_KEY": "short"}, "LKK_SECRET_KEY"),
    ],
)
def test_production_refuses_what_belongs_to_the_demo(changed: dict[str, str], name: str) -> None:
    assert name in problems({**PRODUCTION, **changed})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LKK_MODE", "test"),
        ("LKK_PORT", "0"),
        ("LKK_PORT", "https"),
        ("LKK_PUBLIC_URL", "lk.example.ru"),
        ("LKK_PUBLIC_URL", "https://lk.example.ru/path"),
        ("LKK_PROXY_HOPS", "-1"),
        ("LKK_REDIS_URL", "localhost:6379"),
        ("LKK_DATABASE_URL", "mysql://x"),
        ("LKK_ACCENT_COLOR", "green"),
        ("LKK_ACCENT_COLOR", "#FFFF00"),
        ("LKK_PASSWORD_PROFILE", "easy"),
        ("LKK_MAIL_SENDER", "pigeon"),
        ("LKK_SMS_SENDER", "pigeon"),
        ("LKK_SMTP_PORT", "70000"),
        ("LKK_SMS_DAILY_LIMIT", "many"),
        ("LKK_YOOKASSA_API_URL", "bank"),
        ("LKK_LOG_LEVEL", "LOUD"),
    ],
)
def test_wrong_value_is_named_with_what_is_needed(name: str, value: str) -> None:
    line = problems({"LKK_SECRET_KEY": SECRET, name: value}).splitlines()[0]
    assert line.startswith(f"{name}: ")
    assert line.endswith(".")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"LKK_MAIL_SENDER": "smtp"}, "LKK_SMTP_HOST"),
        ({"LKK_SMS_SENDER": "sms_ru"}, "LKK_SMS_RU_API_ID"),
        ({"LKK_SMS_SENDER": "smsc", "LKK_SMSC_LOGIN": "x"}, "LKK_SMSC_PASSWORD"),
    ],
)
def test_sender_without_its_account_is_refused(given: dict[str, str], name: str) -> None:
    assert name in problems({"LKK_SECRET_KEY": SECRET, **given})


def test_every_problem_is_said_at_once() -> None:
    text = problems({"LKK_SECRET_KEY": SECRET, "LKK_PORT": "x", "LKK_LOG_LEVEL": "y", "LKK_SMS_SENDER": "sms_ru"})
    assert [line.split(":")[0] for line in text.splitlines()] == ["LKK_PORT", "LKK_LOG_LEVEL", "LKK_SMS_RU_API_ID"]


def test_settings_do_not_show_their_secrets() -> None:
    settings: Settings = load_settings({"LKK_SECRET_KEY": SECRET, "LKK_SMTP_PASSWORD": "hush"})
    assert SECRET not in f"{settings!r} {settings}"
    assert "hush" not in repr(settings)
