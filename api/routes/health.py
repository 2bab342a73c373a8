"""Whether it runs 运行状况, whether it can be asked, and its figures; for supervisors, proxies and Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from api.http.context import PRIVATE, json
from api.http.documents import answered, ref
from api.http.metrics import exposition
from api.http.problems import Problem
from api.http.wall_clock import ahead_of_now

if TYPE_CHECKING:
    from api.http.context import ApiContext

__all__ = ["router"]

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def router(context: ApiContext) -> APIRouter:
    """Health, readiness, figures."""
    made = APIRouter(tags=["health"])

    @made.get(
        "/health",
        operation_id="health",
        summary="运行状况 / whether it runs",
        responses=answered(ref("Health")),
        response_model=None,
    )
    def health() -> Response:
        ahead, wall = ahead_of_now(context.connect), context.wall
        right = not wall.jumps and not ahead
        clock = {
            "status": "ok" if right else "set-back",
            "times_set_back": wall.jumps,
            "seconds_back": round(wall.seconds_back),
            "set_back_at": wall.at,
            "book_ahead_seconds": round(ahead),
        }
        return json({"status": "ok", "database": "ok", "clock": clock})

    @made.get(
        "/ready",
        operation_id="ready",
        summary="能否受理 / whether it can be asked",
        responses=answered(ref("Ready")),
        response_model=None,
    )
    def ready() -> Response:
        if context.closing.is_set():
            raise Problem(503, "stopping", "系统正在停止", "it is stopping", headers={"Retry-After": "5"})
        with context.connect() as connection:
            connection.execute("select from wuye.offices limit 1")
        return json({"ready": True})

    @made.get(
        "/metrics",
        operation_id="metrics",
        summary="运行指标（本机免登录，其他须令牌）/ figures for Prometheus; without a log-in on this machine only",
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
        response_model=None,
    )
    def metrics() -> Response:
        return Response(exposition(context.connect), media_type=_TEXT, headers=PRIVATE)

    return made
