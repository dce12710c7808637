"""The table of what joins several slices: how far news has been told."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Announcement(SQLModel, table=True):
    """How far one piece of news has come on its way through the connections of accounts."""

    __tablename__ = "announcement"

    #: `bill:7` for the bills of a register, `window_opens:2:202611:1-25` for a window of a provider.
    name: str = Field(primary_key=True, max_length=80)
    #: Everybody up to this connection has been told.
    last_link_id: int = 0
    begun_at: datetime = Field(index=True)
    finished_at: datetime | None = None
