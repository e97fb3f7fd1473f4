"""A chat client in Python, with gql. Started by a test: options and commands come in, events and answers go out, a line of JSON each."""

import asyncio
import json
import random
import sys
import time
from datetime import datetime
from pathlib import Path

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport


# region document
def document(name, variables=None):
    text = (Path(__file__).parent.parent / "documents" / f"{name}.graphql").read_text()
    request = gql(text)
    request.variable_values = variables
    return request
# endregion


def say(**line):
    print(json.dumps(line), flush=True)


# region patience
comes_back = asyncio.Event()


async def wait_before(attempt):
    """Half a second at first, half a minute at most, and never the same for two clients."""
    seconds = min(30, 2**attempt) * random.uniform(0.5, 1)
    comes_back.clear()
    try:
        await asyncio.wait_for(comes_back.wait(), seconds)
    except TimeoutError:
        pass


def code_of(error):
    """The code that the socket was closed with, or that of an answer."""
    if isinstance(error, TransportQueryError):
        return (error.errors or [{}])[0].get("extensions", {}).get("code")
    received = getattr(error.__cause__, "rcvd", None)
    return received.code if received else None
# endregion


class SignedOut(Exception):
    """The session has ended: ask for the password again."""


class Chat:
    def __init__(self, http_url, socket_url, keep_alive=10):
        self.http_url, self.socket_url, self.keep_alive = http_url, socket_url, keep_alive
        self.session = None  # the newest tokens
        self.socket = None  # while it is open
        self.renewal_is_due = False
        self.cursors = []

    # region session
    async def over_http(self, request, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with Client(transport=AIOHTTPTransport(self.http_url, headers=headers)) as session:
            return await session.execute(request)

    async def sign_in(self, handle, password):
        device = {"label": "A script", "platform": "BOT"}
        answer = await self.over_http(
            document("sign-in", {"input": {"handle": handle, "password": password, "device": device}})
        )
        result = answer["signIn"]
        if result["__typename"] != "SignInPayload":
            raise PermissionError(result["explanation"])  # result["code"] says which
        self.session = result["session"]

    async def renew(self):
        """Over the socket when there is one: that also prolongs the socket. Without an answer nothing changes."""
        request = document("refresh-session", {"input": {"refreshToken": self.session["refreshToken"]}})
        try:
            answer = await (self.socket.execute(request) if self.socket else self.over_http(request))
        except (TransportError, OSError, TimeoutError):
            return
        result = answer["refreshSession"]
        if result["__typename"] == "RefreshSessionPayload":
            self.session, self.renewal_is_due = result["session"], False
        elif result["code"] == "SESSION_REVOKED":
            raise SignedOut

    async def renew_in_time(self):
        while True:
            expires_at = datetime.fromisoformat(self.session["accessTokenExpiresAt"].replace("Z", "+00:00"))
            left = expires_at.timestamp() - time.time()
            await asyncio.sleep(left / 2 if left > 0 else 300)  # a clock that is wrong
            self.renewal_is_due = True
            await self.renew()
    # endregion

    # region events
    async def follow(self, on_event, on_lost):
        """Never ends but with SignedOut. Each attempt has a socket, a token and cursors of its own."""
        attempt = 0
        while True:
            try:
                async for event in self.events():
                    attempt = 0
                    on_event(event)
                    self.take(event)  # last: what was not taken in comes again
            except (TransportError, OSError, TimeoutError) as error:
                on_lost(code_of(error))
                if code_of(error) == 4401:
                    raise SignedOut from error
                if code_of(error) in (4403, "UNAUTHENTICATED"):
                    self.renewal_is_due = True
            await wait_before(attempt)
            attempt += 1

    async def events(self):
        if self.renewal_is_due:
            await self.renew()
        transport = WebsocketsTransport(
            self.socket_url,
            init_payload={"authorization": f"Bearer {self.session['accessToken']}"},
            ping_interval=self.keep_alive,
            pong_timeout=self.keep_alive / 2,
        )
        async with Client(transport=transport) as self.socket:
            try:
                async for data in self.socket.subscribe(document("events", {"after": self.cursors})):
                    yield data["events"]
            except TransportQueryError as error:
                if not error.data:
                    raise
                yield error.data["events"]  # a message in it could not be read: the event counts all the same
            finally:
                self.socket = None

    def take(self, event):
        """The whole rule: append each cursor; that of a CaughtUp or Checkpoint replaces them all."""
        is_complete = event["__typename"] in ("CaughtUp", "Checkpoint")
        self.cursors = [event["cursor"]] if is_complete else [*self.cursors, event["cursor"]]
    # endregion

    # region channels
    async def channels(self):
        answer = await self.over_http(document("channels"), self.session["accessToken"])
        if not self.cursors:
            self.cursors = [answer["syncCursor"]]
        return [edge["node"] for edge in answer["viewer"]["channels"]["edges"]]
    # endregion

    # region send
    async def send(self, message):
        """Asks again until there is an answer. Repeating a nonce never sends twice; `until` says that later it may work."""
        request = document("send-message", {"input": message})
        for attempt in range(1_000):
            try:
                answer = await self.over_http(request, self.session["accessToken"])
                if not answer["sendMessage"].get("until"):
                    return answer["sendMessage"]
            except (TransportError, OSError, TimeoutError) as error:
                if code_of(error) == "UNAUTHENTICATED":
                    await self.renew()
            await wait_before(attempt)
        raise TimeoutError
    # endregion


async def obey(chat, command):
    if command["do"] == "channels":
        say(id=command["id"], answer=await chat.channels())
    if command["do"] == "send":
        say(id=command["id"], answer=await chat.send(command["message"]))
    if command["do"] == "come back":
        comes_back.set()


async def obey_all(chat, lines):
    running = set()
    while line := await lines.readline():
        task = asyncio.create_task(obey(chat, json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


async def main():
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    options = json.loads(await lines.readline())
    chat = Chat(options["httpUrl"], options["socketUrl"], options["keepAliveMs"] / 1_000)
    try:
        await chat.sign_in(options["handle"], options["password"])
    except PermissionError as refused:
        return say(refused=str(refused))
    await chat.channels()
    say(opened=chat.session["device"]["id"])
    tasks = [
        asyncio.create_task(chat.follow(lambda event: say(event=event), lambda code: say(lost=code))),
        asyncio.create_task(chat.renew_in_time()),
        asyncio.create_task(obey_all(chat, lines)),
    ]
    ended, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in ended:
        if isinstance(task.exception(), SignedOut):
            say(signedOut=True)
        else:
            task.result()


asyncio.run(main())
