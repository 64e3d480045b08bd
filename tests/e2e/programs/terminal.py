#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""terminal.py TEXT=KEYS... -- COMMAND: runs COMMAND in the foreground of a terminal of its own.

Whenever all of TEXT has been shown, KEYS are typed (both with escapes such as \\n and \\x03). Prints what
the terminal showed, and last "exit CODE". Ends with 124 after 30 s.
"""
import os
import pty
import select
import sys
import time

end = sys.argv.index("--")
steps = [[part.encode().decode("unicode_escape").encode() for part in step.split("=", 1)]
	 for step in sys.argv[1:end]]
pid, fd = pty.fork()
if pid == 0:
	os.execvp(sys.argv[end + 1], sys.argv[end + 1:])
shown, seen, until = b"", 0, time.time() + 30
while time.time() < until:
	if select.select([fd], [], [], 0.2)[0]:
		try:
			piece = os.read(fd, 65536)
		except OSError:
			break
		if not piece:
			break
		shown += piece
	if steps and steps[0][0] in shown[seen:]:
		seen += shown[seen:].index(steps[0][0]) + len(steps[0][0])
		time.sleep(0.3)
		os.write(fd, steps.pop(0)[1])
else:
	os.kill(pid, 9)
	print("124")
	sys.exit(124)
status = os.waitpid(pid, 0)[1]
text = shown.decode(errors="replace").replace("\r\n", "\n")
sys.stdout.write(text if text.endswith("\n") else text + "\n")
print("exit", os.waitstatus_to_exitcode(status))
