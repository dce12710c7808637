"""Who is using the portal: registration, sign-in, sessions, credentials."""
