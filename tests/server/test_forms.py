"""Forms that a browser posts by itself."""

import reflex as rx

from lkk_reflex.ui.native_form import NativeForm, TicketForm


def rendered(component: rx.Component) -> str:
    return str(component.render())


def test_native_form_posts_where_it_is_told_and_stops_nothing() -> None:
    form = NativeForm.create(rx.el.button("Войти"), method="post", action="/auth/sign-in")
    assert 'action:"/auth/sign-in"' in rendered(form)
    assert 'method:"post"' in rendered(form)
    assert "onSubmit" not in rendered(form)
    assert "preventDefault" not in rendered(form)


def test_form_with_a_handler_still_posts_before_the_scripts_have_started() -> None:
    form = rx.el.form(rx.el.input(name="password"), method="post", action="/auth/early")
    assert 'action:"/auth/early"' in rendered(form)
    assert 'method:"post"' in rendered(form)


def test_ticket_form_posts_itself_once_the_ticket_is_known() -> None:
    form = TicketForm.create(ticket=rx.Var("the_ticket"))
    assert 'method:"post"' in rendered(form)
    assert 'action:"/auth/redeem"' in rendered(form)
    assert "ticket:" not in rendered(form).split("children")[0]
    hooks = " ".join(form._get_all_hooks())
    assert "if (the_ticket && sessionStorage.getItem('ticket') !== the_ticket)" in hooks
    assert "ref_ticket_form.current?.requestSubmit()" in hooks
    assert "[the_ticket]" in hooks


def test_ticket_form_carries_the_ticket_in_a_hidden_field() -> None:
    form = TicketForm.create(ticket=rx.Var("the_ticket"), action="/auth/link")
    assert 'type:"hidden"' in rendered(form)
    assert 'name:"ticket"' in rendered(form)
    assert "? the_ticket :" in rendered(form)
    assert 'action:"/auth/link"' in rendered(form)
