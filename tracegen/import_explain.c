#include "tracegen/import_explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "DATE TIME PID TID LEVEL MODULE FUNCTION@FILE:LINE [COMPONENT] TEXT": the level and the text; 0: no such line. */
static char parse_line(const char *line, char *text, size_t size)
{
	char level;
	int at = 0;
	if (sscanf(line, "%*s %*s %*d %*d %c %*s %*[^@ \n]@%*s %n", &level, &at) != 1 || !at)
		return 0;
	line += at;
	if (*line == '[') {
		size_t n = strcspn(line, "]\n");
		if (line[n] == ']' && line[n + 1] == ' ')
			line += n + 2;
	}
	snprintf(text, size, "%.*s", (int)strcspn(line, "\n"), line);
	return level;
}

/* "What: a-addr=0x55, b=7, c-addr=0x56" becomes "What: b=7". */
static void drop_addresses(char *text)
{
	for (char *at; (at = strstr(text, "-addr="));) {
		char *from = at, *to = at + strcspn(at, ",");
		while (from > text && strncmp(from, ": ", 2) && strncmp(from, ", ", 2))
			from--;
		/* The first of several leaves its colon to the next. */
		if (*from == ':' && *to == ',')
			from++, to++;
		memmove(from, to, strlen(to) + 1);
	}
	size_t n = strlen(text);
	while (n && strchr(".: ,", text[n - 1]))
		text[--n] = '\0';
}

/* What babeltrace2 says so that only its authors understand it. */
static bool translate(const char *text, char *buf, size_t size)
{
	char file[400];
	uint64_t number, offset, bytes, length;
	int at = 0;
	if (sscanf(text,
		   "Invalid packet size reported in file: stream=\"%399[^\"]\", packet-offset=%" SCNu64
		   ", packet-size-bytes=%" SCNu64 ", file-size=%" SCNu64,
		   file, &offset, &bytes, &length) == 4) {
		const char *base = strrchr(file, '/');
		snprintf(buf, size,
			 "%s: the packet at byte %" PRIu64 " is cut off: it has %" PRIu64
			 " bytes, the file ends at %" PRIu64,
			 base ? base + 1 : file, offset, bytes, length);
		return true;
	}
	if (sscanf(text, "Failed to index CTF stream file '%399[^']'", file) == 1) {
		const char *base = strrchr(file, '/');
		snprintf(buf, size, "%s: a packet is cut off or damaged", base ? base + 1 : file);
		return true;
	}
	if (sscanf(text, "At line %" SCNu64 " in metadata stream: %n", &number, &at) == 1 && at) {
		snprintf(buf, size, "metadata: line %" PRIu64 ": %s", number, text + at);
		return true;
	}
	if (!strncmp(text, "User function returned EOF", 26)) {
		snprintf(buf, size, "a packet ends in the middle of an event: cut off or damaged");
		return true;
	}
	if (!strncmp(text, "Invalid CTF magic number", 24)) {
		snprintf(buf, size, "a packet does not begin as one should: cut off or damaged (%s)", text);
		return true;
	}
	if (!strncmp(text, "No event class with ID of", 25)) {
		snprintf(buf, size, "an event of a kind that the metadata does not know: damaged (%s)", text);
		return true;
	}
	return false;
}

bool imp_explain(const char *log, char *buf, size_t size)
{
	char text[1024], before[1024] = "";
	for (const char *line = log; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char level = parse_line(line, text, sizeof(text));
		if (level == 'W')
			snprintf(before, sizeof(before), "%s", text);
		if (level != 'E')
			continue;
		/* Of a packet that does not fit, only a warning says where it is. */
		if (!strncmp(text, "Failed to index", 15) && translate(before, buf, size))
			return true;
		drop_addresses(text);
		if (!translate(text, buf, size))
			snprintf(buf, size, "%s", text);
		return buf[0];
	}
	return false;
}
