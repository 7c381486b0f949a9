"""Mail leaves as a task: to a real SMTP server or into a folder, once, to one receiver, with nothing smuggled in."""

import email
import stat
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from gigneo.core.accounts.models import User
from gigneo.core.db.models import Task
from gigneo.core.mail import send_mail
from gigneo.core.mail.transport import MailRefused, deliver
from gigneo.core.tasks.loop import TaskLoop
from tests.smtp import smtp as smtp


@pytest.fixture
def settings(request) -> dict[str, str]:
    if "smtp" not in request.fixturenames:
        return {}
    server = request.getfixturevalue("smtp")
    server.mails.clear()
    return {
        "GIGNEO_MAIL__URL": server.url,
        "GIGNEO_MAIL__SENDER": "Gigneo — Märkte <post@work.example>",
    }


def write(runtime, to, template="account/password_changed", **context):
    with runtime.site.app.app_context(), runtime.write() as session:
        send_mail(session, to, template, **context)


def run(runtime):
    return TaskLoop(runtime).run_due(100)


def states(runtime):
    with runtime.read() as session:
        return session.exec(select(Task.state, Task.attempts).where(Task.kind == "kernel.mail")).all()


def test_a_mail_reaches_a_real_server_with_text_html_and_its_headers(runtime, smtp, ada):
    write(runtime, ada.id)
    run(runtime)
    ((receivers, mail),) = smtp.mails
    assert receivers == ["ada@people.example"]
    assert (mail["To"], mail["Subject"]) == ("ada@people.example", "Your password was changed")
    assert mail["From"] == "Gigneo — Märkte <post@work.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@work.example>")
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Hello Ada," in text
    assert "http://work.example/reset" in text
    assert 'style="' in html, "the style goes into the elements"
    assert smtp.logins[-1] == (b"gigneo", b"p@ss:word/1")
    assert states(runtime) == [("done", 1)]


def test_a_refused_mail_is_tried_again_with_the_same_message_id(runtime, smtp, ada):
    write(runtime, ada.id)
    smtp.refuse = 1
    run(runtime)
    assert smtp.mails == []
    runtime.clock.move_by(timedelta(hours=1))
    run(runtime)
    ((_, first),) = smtp.mails
    with runtime.write() as session:
        session.execute(update(Task).where(col(Task.kind) == "kernel.mail").values(state="waiting", attempts=0))
    run(runtime)
    assert smtp.mails[1][1]["Message-ID"] == first["Message-ID"]


def test_no_password_goes_to_another_machine_without_tls(monkeypatch, runtime, smtp, ada):
    monkeypatch.setattr("gigneo.core.mail.transport.LOOPBACK", frozenset())
    before = len(smtp.logins)
    with pytest.raises(MailRefused):
        deliver(email.message.EmailMessage(), runtime.config)
    assert len(smtp.logins) == before


def test_in_development_a_mail_is_a_file_of_its_owner_only(runtime, ada, sent):
    write(runtime, ada.id)
    (mail,) = sent()
    assert mail["To"] == "ada@people.example"
    (path,) = runtime.config.mail_folder.glob("*.eml")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_mail_that_is_rolled_back_is_never_sent(runtime, ada, sent):
    with pytest.raises(ZeroDivisionError), runtime.site.app.app_context(), runtime.write() as session:
        send_mail(session, ada.id, "account/password_changed")
        raise ZeroDivisionError
    assert sent() == []


@pytest.mark.parametrize(
    "to",
    [
        "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "a@b.example\nX: y", "A <a@b.example>",
        "a@b.example;c@d.example", "", "nobody", "a@b.example\x00", "<a@b.example>", "a@b.example c@d.example",
    ],
)  # fmt: skip
def test_a_mail_has_exactly_one_receiver(runtime, to, sent):
    with pytest.raises(ValueError, match="one e-mail address"):
        write(runtime, to)
    assert sent() == []


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: x@evil.example", "Eve\nSubject: other", "Eve\x0bX: y", "Eve\u2028X: y", "{{ 7*7 }}", "%(x)s"]
)
def test_a_name_can_not_write_headers_or_templates(runtime, ada, sent, name):
    with runtime.write() as session:
        session.execute(update(User).where(col(User.id) == ada.id).values(name=name))
    write(runtime, ada.id)
    (mail,) = sent()
    assert mail["Bcc"] is None
    assert mail.get_all("Subject") == ["Your password was changed"]
    assert mail.get_all("To") == ["ada@people.example"]
    assert "49" not in mail.get_body(("plain",)).get_content().split("\n")[0]
    if "{{" in name:
        assert "{{ 7*7 }}" in mail.get_body(("plain",)).get_content()


def test_a_name_with_markup_is_text_in_the_html(runtime, ada, sent):
    with runtime.write() as session:
        session.execute(update(User).where(col(User.id) == ada.id).values(name="<img src=x onerror=alert(1)>"))
    write(runtime, ada.id)
    (mail,) = sent()
    assert "<img" not in mail.get_body(("html",)).get_content()


def test_a_person_who_is_gone_gets_none_and_the_task_is_done(runtime, ada, sent):
    write(runtime, ada.id)
    write(runtime, 4711)
    with runtime.write() as session:
        session.execute(update(User).where(col(User.id) == ada.id).values(active=False))
    assert sent() == []
    assert {state for state, _ in states(runtime)} == {"done"}
