/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/kinds.h"

#include <string.h>

#define TEXT   RF_MEMBER_TEXT
#define COUNT  RF_MEMBER_COUNT
#define NUMBER RF_MEMBER_NUMBER
#define FLAG   RF_MEMBER_FLAG
#define TEXTS  RF_MEMBER_TEXTS
#define COUNTS RF_MEMBER_COUNTS
#define BODY   RF_MEMBER_BODY

static const struct rf_kind kinds[] = {
	/* keeper to coordinator, first message */
	{"keeper",
	 {{"host", TEXT, false},
	  {"pid", COUNT, false},
	  {"version", TEXT, false},
	  {"cpus", COUNT, true}}},
	/* keeper to coordinator: a rank's process was started (ranks: how many the job has, 0 if
	 * that is not known), ended (how: enum rf_rank_end), or runs without an engine */
	{"started", {{"rank", COUNT, false}, {"ranks", COUNT, false}, {"pid", COUNT, false}}},
	{"ended", {{"rank", COUNT, false}, {"status", COUNT, false}, {"how", COUNT, false}}},
	{"native", {{"rank", COUNT, false}, {"reason", TEXT, false}}},
	/* keeper to coordinator: a rank's process has joined (reason: why it can not be captured,
	 * or
	 * ""), or its link has ended, because of MPI_Finalize or its own end */
	{"joined", {{"rank", COUNT, false}, {"pid", COUNT, false}, {"reason", TEXT, false}}},
	{"left", {{"rank", COUNT, false}}},
	/* coordinator to keeper: an order (step.h) for these ranks, all joined ones if none is
	 * named
	 */
	{"order",
	 {{"id", COUNT, false},
	  {"step", COUNT, false},
	  {"ranks", COUNTS, true},
	  {"body", BODY, true}}},
	/* keeper to coordinator: what a rank answers; where: enum rf_where; error: errno, -1 or 0
	 */
	{"report",
	 {{"rank", COUNT, false},
	  {"id", COUNT, false},
	  {"step", COUNT, false},
	  {"where", COUNT, false},
	  {"error", NUMBER, false},
	  {"text", TEXT, false},
	  {"body", BODY, true}}},
	/* keeper to coordinator: a slot of a later generation is there, and waits */
	{"waiting", {{"rank", COUNT, false}, {"generation", COUNT, false}}},
	/* before ranks move (launcher/likeness.h): coordinator to their keeper: what does this
	 * process run on? Its answer; coordinator to the keeper of their new slot: is it alike
	 * here? Its answer
	 */
	{"describe", {{"rank", COUNT, false}, {"pid", COUNT, false}}},
	{"described",
	 {{"rank", COUNT, false},
	  {"texts", TEXTS, false},
	  {"code", NUMBER, false},
	  {"text", TEXT, false}}},
	{"compare",
	 {{"rank", COUNT, false}, {"generation", COUNT, false}, {"texts", TEXTS, false}}},
	{"compared",
	 {{"rank", COUNT, false},
	  {"generation", COUNT, false},
	  {"code", NUMBER, false},
	  {"text", TEXT, false}}},
	/* coordinator to keeper: take images of ranks that move here to this generation; its
	 * answer, with where it can be reached, or why it can not; remove them
	 */
	{"receive", {{"generation", COUNT, false}}},
	{"receiving",
	 {{"generation", COUNT, false},
	  {"addresses", TEXT, false},
	  {"code", NUMBER, false},
	  {"text", TEXT, false}}},
	{"forget", {{"generation", COUNT, false}}},
	/* coordinator to keeper: connect there for an image of the rank, of a round of those that
	 * are taken while it runs (none: the last one), with the pages of another round; its answer
	 */
	{"carry",
	 {{"rank", COUNT, false},
	  {"generation", COUNT, false},
	  {"addresses", TEXT, false},
	  {"round", COUNT, true},
	  {"base", COUNT, true}}},
	{"carried", {{"rank", COUNT, false}, {"code", NUMBER, false}, {"text", TEXT, false}}},
	/* keeper to keeper, on a connection of its own: this image comes, of at most so many bytes.
	 * After the answer, which may be "failed", the connection is lib/snapshot/protocol.h's
	 */
	{"image",
	 {{"rank", COUNT, false},
	  {"generation", COUNT, false},
	  {"bytes", NUMBER, false},
	  {"round", COUNT, true},
	  {"base", COUNT, true}}},
	{"accepted", {{0}}},
	/* coordinator to keeper, for waiting slots: order the ranks' processes here to prepare for
	 * them (RF_STEP_PREPARE); start a process in it whose engine waits for a rank's image
	 * (answered alike); it goes on from the image, or from the one
	 * that was received (answered by a report of READY, as the next); with a round, it
	 * only puts memory in place (RF_STEP_PLACE);
	 * order the ranks' processes here to take its place (RF_STEP_SWITCH); they have it; nothing
	 * uses the old slots any more, and they end; it is not needed, what it has started is
	 * killed
	 */
	{"prepare", {{"id", COUNT, false}, {"generation", COUNT, false}, {"ranks", COUNTS, false}}},
	{"standby",
	 {{"id", COUNT, false},
	  {"rank", COUNT, false},
	  {"generation", COUNT, false},
	  {"seat", TEXT, false}}},
	{"restore",
	 {{"id", COUNT, false},
	  {"rank", COUNT, false},
	  {"generation", COUNT, false},
	  {"snapshot", TEXT, true},
	  {"round", COUNT, true}}},
	{"switch", {{"id", COUNT, false}, {"generation", COUNT, false}, {"ranks", COUNTS, false}}},
	{"adopt", {{"generation", COUNT, false}, {"ranks", COUNTS, false}}},
	{"retire", {{"generation", COUNT, false}, {"ranks", COUNTS, false}}},
	{"dismiss", {{"generation", COUNT, false}}},
	/* coordinator to keeper: tell every so many ms how the host is, 0: no more; its answers
	 * (launcher/load.h), with a list for each of the ranks; fractions are thousandths, -1: not
	 * known
	 */
	{"watch", {{"every", COUNT, false}}},
	{"load",
	 {{"foreign", NUMBER, false},
	  {"share", NUMBER, false},
	  {"memory", NUMBER, false},
	  {"available", NUMBER, false},
	  {"pressure", NUMBER, false},
	  {"corrected", NUMBER, false},
	  {"uncorrected", NUMBER, false},
	  {"heat", NUMBER, false},
	  {"ranks", COUNTS, false},
	  {"demands", COUNTS, false},
	  {"shares", COUNTS, false},
	  {"memories", COUNTS, false}}},
	/* snapshots on the hosts (launcher/depot.h), coordinator to keeper: make this directory for
	 * the files of these ranks, and remove all others but those named (answered by a report of
	 * RF_STEP_STORED for each rank, if it can not be); copy their files into another one
	 * (answered by a report of RF_STEP_STORED for each); do not, any more
	 */
	{"shelve",
	 {{"id", COUNT, false},
	  {"path", TEXT, false},
	  {"ranks", COUNTS, false},
	  {"keep", TEXTS, false}}},
	{"store",
	 {{"id", COUNT, false},
	  {"from", TEXT, false},
	  {"to", TEXT, false},
	  {"ranks", COUNTS, false}}},
	{"unstore", {{"id", COUNT, false}}},
	/* coordinator to keeper: send a signal to these ranks (all of the host's if none is named)
	 */
	{"signal", {{"signal", COUNT, false}, {"ranks", COUNTS, true}}},
	/* coordinator to keeper: end all ranks and go; keep: not the snapshots on the host, since
	 * the job goes on from one */
	{"end", {{"reason", TEXT, true}, {"keep", FLAG, true}}},
	/* command to coordinator: take a snapshot; deadline: ms from now on for all ranks to be
	 * captured
	 */
	{"snapshot",
	 {{"deadline", COUNT, true},
	  {"sync", FLAG, true},
	  {"stop", FLAG, true},
	  {"full", FLAG, true},
	  {"files", FLAG, true},
	  {"compress", TEXT, true}}},
	/* its answers: one for each phase, then "taken" or "failed"; behind: what the phase
	   "queued" waits for; pause: us that ranks have stood */
	{"phase",
	 {{"name", TEXT, false},
	  {"behind", TEXT, true},
	  {"done", COUNT, true},
	  {"of", COUNT, true},
	  {"round", COUNT, true},
	  {"bytes", NUMBER, true},
	  {"rate", NUMBER, true}}},
	{"taken",
	 {{"path", TEXT, false},
	  {"ranks", COUNT, false},
	  {"bytes", NUMBER, false},
	  {"pause", NUMBER, false},
	  {"stop", NUMBER, false},
	  {"capture", NUMBER, false},
	  {"base", TEXT, true}}},
	/* command to coordinator: empty these hosts, or move these ranks, to other hosts of the job
	 * or to `to`; dry: only say who would go where. Its answers: a "place" for each rank that
	 * moves, one for each phase, then "moved" or "failed"; pause (and of it stop, capture,
	 * switch), duration: us; deadline (from now on), max_pause: ms;
	 * bytes: of memory, copied while the ranks ran, in rounds, and at last
	 */
	{"move",
	 {{"home", TEXT, true}, /* instead of hosts: their ranks go home to them */
	  {"deadline", COUNT, true},
	  {"hosts", TEXT, true},
	  {"ranks", TEXT, true},
	  {"to", TEXT, true},
	  {"max_pause", COUNT, true},
	  {"via_store", FLAG, true},
	  {"dry", FLAG, true}}},
	{"place", {{"rank", COUNT, false}, {"from", TEXT, false}, {"to", TEXT, false}}},
	{"moved",
	 {{"generation", COUNT, false},
	  {"ranks", COUNT, false},
	  {"pause", NUMBER, false},
	  {"stop", NUMBER, false},
	  {"capture", NUMBER, false},
	  {"switch", NUMBER, false},
	  {"duration", NUMBER, false},
	  {"memory", NUMBER, true},
	  {"copied", NUMBER, true},
	  {"last", NUMBER, true},
	  {"rounds", COUNT, true}}},
	/* command to coordinator: how is the job? answers: "job", a "rank" each, "complete"; now:
	   the command that has its turn; waiting: those that wait for theirs, in order */
	{"status", {{0}}},
	{"job",
	 {{"id", TEXT, false},
	  {"name", TEXT, false},
	  {"pid", COUNT, false},
	  {"host", TEXT, false},
	  {"ranks", COUNT, false},
	  {"phase", TEXT, false},
	  {"store", TEXT, false},
	  {"last", TEXT, true},
	  {"generation", COUNT, false},
	  {"move", TEXT, true},
	  {"now", TEXT, true},
	  {"waiting", TEXTS, false},
	  {"command", TEXTS, false}}},
	/* the event of the last move that was made, with `from` and `to` of its begin */
	{"last_move", {{"line", TEXT, false}}},
	/* how a host is, if it is measured: an object as rankferry-status(1) describes it */
	{"host", {{"line", TEXT, false}}},
	{"rank",
	 {{"rank", COUNT, false},
	  {"host", TEXT, true},
	  {"pid", COUNT, false},
	  {"state", TEXT, false},
	  {"reason", TEXT, true}}},
	{"complete", {{0}}},
	/* command to coordinator: what does the job do by itself? answers: a "value" each (see
	 * rankferry-policy(1)), "complete". With file and text: another policy; the answer is
	 * "applied", with the keys that have another value now
	 */
	{"policy", {{"file", TEXT, true}, {"text", TEXT, true}}},
	{"value",
	 {{"key", TEXT, false},
	  {"value", TEXT, false},
	  {"layer", TEXT, false},
	  {"file", TEXT, true},
	  {"line", COUNT, true}}},
	{"applied", {{"keys", TEXTS, false}}},
	/* command to coordinator: what has happened? answers: an "event" each, a line as in its
	 * file (launcher/events.h), then "complete"; follow: when the job or the client ends
	 */
	{"events", {{"follow", FLAG, true}}},
	{"event", {{"line", TEXT, false}}},
	/* both ways: an answer to a request that failed */
	{"failed", {{"code", NUMBER, false}, {"text", TEXT, false}}},
};

const struct rf_kind *rf_kind_at(size_t index)
{
	return index < sizeof(kinds) / sizeof(kinds[0]) ? &kinds[index] : NULL;
}

const struct rf_kind *rf_kind_find(const char *name)
{
	const struct rf_kind *kind;
	size_t i;

	for (i = 0; name && (kind = rf_kind_at(i)); i++)
		if (strcmp(kind->name, name) == 0)
			return kind;
	return NULL;
}
