"""Views that write, in every way a view can be made."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.contrib import admin
from django.contrib.auth import alogin, alogout, login, logout
from django.contrib.auth.models import User
from django.db import connection, connections
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from tests.testapp.models import Author


def write(request, name):
    Author.objects.create(name=name)
    return HttpResponse(name)


def read(request):
    return HttpResponse(Author.objects.count())


def write_elsewhere(name):
    """Write in a thread that has a connection of its own."""
    try:
        Author.objects.create(name=name)
    finally:
        connections.close_all()


def in_pool(request, name):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(write_elsewhere, name).result()
    return HttpResponse(name)


def stream(request, name):
    def body():
        yield b"begun"
        Author.objects.create(name=name)
        yield b"done"

    return StreamingHttpResponse(body())


def sign_in(request, username):
    Author.objects.create(name="before")
    login(request, User.objects.get(username=username), "django.contrib.auth.backends.ModelBackend")
    Author.objects.create(name="after")
    return HttpResponse()


def sign_out(request):
    Author.objects.create(name="before")
    logout(request)
    Author.objects.create(name="after")
    return HttpResponse()


def delete_own_account(request):
    request.user.delete()
    Author.objects.create(name="afterwards")
    return HttpResponse()


def only_session(request):
    request.session["cart"] = [1]
    return HttpResponse()


meetings: dict[str, asyncio.Barrier] = {}


async def meet(request) -> None:
    """Wait until as many requests as `?party=` says have come this far, so that they really overlap."""
    if party := int(request.GET.get("party", 0)):
        barrier = meetings.setdefault(request.GET["place"], asyncio.Barrier(party))
        await asyncio.wait_for(barrier.wait(), 20)


async def awrite(request, name):
    await Author.objects.acreate(name=f"{name} 1")
    await meet(request)
    await Author.objects.acreate(name=f"{name} 2")
    return HttpResponse(name)


async def atasks(request, name):
    async def work(number: int) -> None:
        await meet(request)
        await Author.objects.acreate(name=f"{name} {number}")

    await asyncio.gather(work(1), work(2))
    return HttpResponse(name)


async def astream(request, name):
    async def body():
        yield b"begun"
        await meet(request)
        await Author.objects.acreate(name=name)
        yield b"done"

    return StreamingHttpResponse(body())


async def ain_thread(request, name):
    await meet(request)
    await asyncio.to_thread(write_elsewhere, f"{name} 1")
    await asyncio.get_running_loop().run_in_executor(None, write_elsewhere, f"{name} 2")
    return HttpResponse(name)


async def asign_in(request, username):
    await Author.objects.acreate(name="before")
    user = await User.objects.aget(username=username)
    await alogin(request, user, "django.contrib.auth.backends.ModelBackend")
    await Author.objects.acreate(name="after")
    return HttpResponse()


async def asign_out(request):
    await Author.objects.acreate(name="before")
    await alogout(request)
    await Author.objects.acreate(name="after")
    return HttpResponse()


def raw(request, name):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO testapp_author (name, api_token) VALUES (%s, '')", [name])
    return HttpResponse(name)


urlpatterns = [
    path("admin/", admin.site.urls),
    path("write/<name>/", write, name="write"),
    path("raw/<name>/", raw, name="raw"),
    path("read/", read, name="read"),
    path("pool/<name>/", in_pool, name="pool"),
    path("stream/<name>/", stream, name="stream"),
    path("sign-in/<username>/", sign_in, name="sign-in"),
    path("sign-out/", sign_out, name="sign-out"),
    path("delete-own-account/", delete_own_account, name="delete-own-account"),
    path("only-session/", only_session, name="only-session"),
    path("awrite/<name>/", awrite, name="awrite"),
    path("atasks/<name>/", atasks, name="atasks"),
    path("astream/<name>/", astream, name="astream"),
    path("ain-thread/<name>/", ain_thread, name="ain-thread"),
    path("asign-in/<username>/", asign_in, name="asign-in"),
    path("asign-out/", asign_out, name="asign-out"),
]
