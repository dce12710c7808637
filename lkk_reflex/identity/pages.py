"""All pages of this slice.

The public ones have modules of their own because the scripts of the pages of one module travel together, and the page
of signing in is the first that a visitor loads.
"""

from lkk_reflex.identity import (
    code_page,
    front_page,
    login_change_page,
    profile_page,
    register_page,
    reset_page,
    second_factor_page,
    security_page,
    sign_in_page,
)

PAGES = [
    *front_page.PAGES,
    *register_page.PAGES,
    *code_page.PAGES,
    *sign_in_page.PAGES,
    *reset_page.PAGES,
    *security_page.PAGES,
    *login_change_page.PAGES,
    *second_factor_page.PAGES,
    *profile_page.PAGES,
]
