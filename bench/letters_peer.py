"""A mail server for runs of many letters: it writes down who got one, and fails as it is told.

    python -m bench.letters_peer PORT LOG [SECONDS_PER_LETTER]

What the first part of an address begins with decides, once for each address: `soft` is put off, `gone` does not exist,
`full` has no room, `drop` is taken and the line cut before the reply, `cut` is cut at its name, `hang` gets no answer.
Every letter taken is one line of LOG: the time, the number of the connection, and the address.
"""

import asyncio
import contextlib
import sys
import time


class Peer:
    """One run of the server."""

    def __init__(self, log, pause=0.0):
        self.log, self.pause, self.seen = log, pause, set()
        self.connections = 0

    async def serve(self, reader, writer):
        """Talk to one client until it leaves or is cut off."""
        self.connections += 1
        line_number = self.connections
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._say(writer, "220 peer ESMTP")
            address = ""
            while line := await reader.readline():
                word = line[:4].upper()
                if word == b"EHLO":
                    await self._say(writer, "250-peer\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES")
                elif word == b"RCPT":
                    address = line.partition(b"<")[2].partition(b">")[0].decode()
                    if not await self._recipient(address, writer):
                        break
                elif word == b"DATA":
                    await self._say(writer, "354 go on")
                    await reader.readuntil(b"\r\n.\r\n")
                    if not await self._letter(address, writer, line_number):
                        break
                elif word == b"QUIT":
                    await self._say(writer, "221 bye")
                    break
                else:
                    await self._say(writer, "250 2.0.0 OK")
        writer.close()

    async def _recipient(self, address, writer):
        fault = self._fault(address, ("soft", "gone", "full", "cut", "hang"))
        if fault == "cut":
            return False
        if fault == "hang":
            await asyncio.sleep(3600)
        answers = {"soft": "451 4.7.1 later", "gone": "550 5.1.1 no such user", "full": "552 5.2.2 full"}
        await self._say(writer, answers.get(fault, "250 2.1.5 OK"))
        return True

    async def _letter(self, address, writer, line_number):
        if self.pause:
            await asyncio.sleep(self.pause)
        self.log.write(f"{time.time():.6f} {line_number} {address}\n")
        self.log.flush()
        if self._fault(address, ("drop",)):
            return False
        await self._say(writer, "250 2.0.0 kept")
        return True

    def _fault(self, address, names):
        fault = next((name for name in names if address.startswith(name)), "")
        if not fault or (address in self.seen and fault not in {"gone", "full"}):
            return ""
        self.seen.add(address)
        return fault

    async def _say(self, writer, text):
        writer.write(f"{text}\r\n".encode())
        await writer.drain()


async def main(port, log, pause):
    """Serve until killed."""
    with open(log, "a", encoding="ascii") as stream:
        peer = Peer(stream, pause)
        server = await asyncio.start_server(peer.serve, "127.0.0.1", port, limit=2**22)
        async with server:
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 0.0))
