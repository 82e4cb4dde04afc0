/* From babeltrace2's log to one line for a user. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tracegen/import_explain.h"

#define LINE(level, where, text) "11-20 19:27:07.310  8975  8976 " level " PLUGIN/CTF " where "@file.c:12 " text "\n"

static void expect(const char *log, const char *text)
{
	char buf[400] = "";
	assert_int_equal(imp_explain(log, buf, sizeof(buf)), text != NULL);
	assert_string_equal(buf, text ? text : "");
}

static void the_first_error_counts(void **state)
{
	(void)state;
	expect("", NULL);
	expect("no log line at all\n\n", NULL);
	expect(LINE("W", "warn", "only a warning"), NULL);
	expect(LINE("W", "warn", "a warning") LINE("E", "f", "the reason.") LINE("E", "g", "what it led to"),
	       "the reason");
	expect("rubbish\n" LINE("E", "f", "[trace0] the reason"), "the reason");
}

static void addresses_go(void **state)
{
	(void)state;
	expect(LINE("E", "f", "[N/A] It fails: mdec-addr=0x55"), "It fails");
	expect(LINE("E", "f", "It fails: it-addr=0x55, event-class-id=7, tc-addr=0x56"), "It fails: event-class-id=7");
	expect(LINE("E", "f", "It fails: id=7, x-addr=0x55, y=8"), "It fails: id=7, y=8");
}

static void places_are_said_plainly(void **state)
{
	(void)state;
	expect(LINE("E", "f", "[trace0] At line 12 in metadata stream: syntax error: token=\"x\""),
	       "metadata: line 12: syntax error: token=\"x\"");
	expect(LINE("W", "w",
		    "[t] Invalid packet size reported in file: stream=\"/a/b/channel0_1\", packet-offset=4096, "
		    "packet-size-bytes=65536, file-size=5000")
		       LINE("E", "f", "[t] Failed to index CTF stream file '/a/b/channel0_1'"),
	       "channel0_1: the packet at byte 4096 is cut off: it has 65536 bytes, the file ends at 5000");
	expect(LINE("E", "f", "Failed to index CTF stream file '/a/b/channel0_1'"),
	       "channel0_1: a packet is cut off or damaged");
	expect(LINE("E", "f", "User function returned EOF, but message iterator is in an unexpected state: state=X"),
	       "a packet ends in the middle of an event: cut off or damaged");
}

static void long_and_broken_logs_are_bounded(void **state)
{
	(void)state;
	char log[5000], buf[64];
	strcpy(log, "11-20 19:27:07.310  8975  8976 E PLUGIN/CTF f@file.c:12 ");
	memset(log + strlen(log), 'x', 4000);
	log[4900] = '\0';
	assert_true(imp_explain(log, buf, sizeof(buf)));
	assert_int_equal(strlen(buf), sizeof(buf) - 1);
	/* Cut anywhere: no answer, or one. */
	const char *whole = LINE("E", "f", "It fails: it-addr=0x55, event-class-id=7");
	for (size_t n = 0; n < strlen(whole); n++) {
		memcpy(log, whole, n);
		log[n] = '\0';
		imp_explain(log, buf, sizeof(buf));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_error_counts),
		cmocka_unit_test(addresses_go),
		cmocka_unit_test(places_are_said_plainly),
		cmocka_unit_test(long_and_broken_logs_are_bounded),
	};
	return cmocka_run_group_tests_name("import explain", tests, NULL, NULL);
}
