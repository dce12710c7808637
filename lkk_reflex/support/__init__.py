"""Feedback: tickets to the portal's support and to the companies' staff, with photos and documents."""
