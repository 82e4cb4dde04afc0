#include "tests/support/ctf_writer.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FIELDS_MAX 16
#define DATA_MAGIC 0xc1fc1fc1u
#define METADATA_MAGIC 0x75d11d57u

struct field {
	char name[48];
	char type; /* i, u, s, c, q, x */
	unsigned bits;
};

struct event {
	char *name;
	unsigned fields;
	struct field field[FIELDS_MAX];
};

struct stream {
	FILE *f;
	unsigned cpu;
	unsigned char *buf;
	size_t len, room;
	size_t begin; /* of the times in the packet context */
	uint64_t first, last, seq, discarded;
	bool open;
};

struct ctfw {
	struct ctfw_options o;
	char *dir;
	char *metadata; /* instead of ours */
	unsigned char uuid[16];
	struct event *event;
	unsigned events;
	struct stream *stream;
	unsigned streams;
};

static void *grown(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n, size);
	if (!p)
		err(1, "ctf_writer");
	return p;
}

static const unsigned char any_uuid[16] = { 0x2a, 0x64, 0x22, 0xd0, 0x6c, 0xee, 0x11, 0xe0,
					    0x8c, 0x08, 0xcb, 0x07, 0xd7, 0xb3, 0xa5, 0x64 };

struct ctfw *ctfw_open(const char *dir, const struct ctfw_options *o)
{
	struct ctfw *w = calloc(1, sizeof(*w));
	if (!w || !(w->dir = strdup(dir)))
		err(1, "ctf_writer");
	if (mkdir(dir, 0777) && errno != EEXIST)
		err(1, "%s", dir);
	w->o = *o;
	w->o.env = strdup(o->env ? o->env : "");
	memcpy(w->uuid, o->uuid ? (const unsigned char *)o->uuid : any_uuid, sizeof(w->uuid));
	if (!w->o.packet_bytes)
		w->o.packet_bytes = 65536;
	return w;
}

/* ---- metadata ---- */

unsigned ctfw_event(struct ctfw *w, const char *name, const char *fields)
{
	w->event = grown(w->event, w->events + 1, sizeof(*w->event));
	struct event *e = &w->event[w->events];
	char *copy = strdup(fields), *save = NULL;
	*e = (struct event){ .name = strdup(name) };
	for (char *t = strtok_r(copy, " ", &save); t; t = strtok_r(NULL, " ", &save)) {
		struct field *f = &e->field[e->fields++];
		if (e->fields > FIELDS_MAX || sscanf(t, "%47[^:]:%c%u", f->name, &f->type, &f->bits) < 2)
			errx(1, "ctf_writer: %s: bad field %s", name, t);
	}
	free(copy);
	return w->events++;
}

static const char *const compact_header =
	"struct event_header {\n"
	"  enum : integer { size = 5; align = 1; } { compact = 0 ... 30, extended = 31 } id;\n"
	"  variant <id> {\n"
	"    struct { integer { size = 27; align = 1; CLOCK } timestamp; } compact;\n"
	"    struct { integer { size = 32; align = 8; } id; integer { size = 64; align = 8; CLOCK } timestamp; } "
	"extended;\n"
	"  } v;\n} align(8);\n";
static const char *const large_header =
	"struct event_header {\n"
	"  enum : integer { size = 16; align = 8; } { compact = 0 ... 65534, extended = 65535 } id;\n"
	"  variant <id> {\n"
	"    struct { integer { size = 32; align = 8; CLOCK } timestamp; } compact;\n"
	"    struct { integer { size = 32; align = 8; } id; integer { size = 64; align = 8; CLOCK } timestamp; } "
	"extended;\n"
	"  } v;\n} align(8);\n";
static const char *const plain_header =
	"struct event_header {\n"
	"  integer { size = 32; align = 8; } id; integer { size = 64; align = 8; CLOCK } timestamp;\n} align(8);\n";

/*
 * @text with each CLOCK replaced by what maps a field to the clock. Without one
 * the fields need other names: one called timestamp is given a clock by itself.
 */
static void with_clock(const struct ctfw *w, FILE *f, const char *text)
{
	for (; *text; text++) {
		if (!strncmp(text, "CLOCK", 5)) {
			if (w->o.clock)
				fprintf(f, "map = clock.%s.value;", w->o.clock);
			text += 4;
		} else if (!strncmp(text, "timestamp", 9) && !w->o.clock) {
			fputs("number", f);
			text += 8;
		} else {
			fputc(*text, f);
		}
	}
}

static void event_fields(const struct ctfw *w, FILE *f, const struct event *e)
{
	const char *u = w->o.underscore ? "_" : "";
	for (unsigned i = 0; i < e->fields; i++) {
		const struct field *d = &e->field[i];
		if (d->type == 's')
			fprintf(f, "    string { encoding = UTF8; } %s%s;\n", u, d->name);
		else if (d->type == 'c')
			fprintf(f, "    integer { size = 8; align = 8; signed = 0; encoding = UTF8; } %s%s[%u];\n", u,
				d->name, d->bits);
		else if (d->type == 'q')
			fprintf(f,
				"    integer { size = 8; align = 8; signed = 0; } %s_%s_length;\n"
				"    integer { size = %u; align = 8; signed = 1; } %s%s[ %s_%s_length ];\n",
				u, d->name, d->bits, u, d->name, u, d->name);
		else if (d->type == 'x')
			fprintf(f,
				"    integer { size = 32; align = 8; signed = 0; } %s%s_size;\n"
				"    integer { size = %u; align = 8; signed = 0; base = 16; } %s%s[ %s%s_size ];\n",
				u, d->name, d->bits, u, d->name, u, d->name);
		else
			fprintf(f, "    integer { size = %u; align = 8; signed = %d; } %s%s;\n", d->bits,
				d->type == 'i', u, d->name);
	}
}

static char *own_metadata(const struct ctfw *w)
{
	char *text;
	size_t size;
	const unsigned char *u = w->uuid;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		err(1, "ctf_writer");
	fprintf(f,
		"/* CTF 1.8 */\ntrace {\n  major = 1; minor = 8; byte_order = %s;\n  uuid = "
		"\"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\";\n",
		w->o.big_endian ? "be" : "le", u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11],
		u[12], u[13], u[14], u[15]);
	fprintf(f,
		"  packet.header := struct {\n    integer { size = 32; align = 8; } magic;\n"
		"    integer { size = 8; align = 8; } uuid[16];\n    integer { size = 32; align = 8; } stream_id;\n%s  "
		"};\n};\n",
		w->o.instance_id ? "    integer { size = 64; align = 8; } stream_instance_id;\n" : "");
	if (w->o.env[0])
		fprintf(f, "env { %s };\n", w->o.env);
	if (w->o.clock) {
		fprintf(f, "clock {\n  name = %s; freq = 1000000000;\n", w->o.clock);
		if (w->o.absolute)
			fprintf(f, "  uuid = \"e0ff1bac-aa1d-451d-a8c1-10cb8d315d45\"; offset = %" PRId64 ";\n",
				w->o.clock_offset);
		else
			fprintf(f, "  absolute = FALSE; offset = 0;\n");
		fprintf(f, "};\n");
	}
	with_clock(w, f,
		   "struct packet_context {\n  integer { size = 64; align = 8; CLOCK } timestamp_begin;\n"
		   "  integer { size = 64; align = 8; CLOCK } timestamp_end;\n"
		   "  integer { size = 64; align = 8; } content_size;\n  integer { size = 64; align = 8; } "
		   "packet_size;\n");
	fprintf(f, "%s  integer { size = 64; align = 8; } events_discarded;\n%s};\n",
		w->o.sequence ? "  integer { size = 64; align = 8; } packet_seq_num;\n" : "",
		w->o.cpu_in_event ? "" : "  integer { size = 32; align = 8; } cpu_id;\n");
	with_clock(w, f,
		   w->o.header == CTFW_COMPACT ? compact_header
		   : w->o.header == CTFW_LARGE ? large_header
					       : plain_header);
	fprintf(f,
		"stream {\n  id = 0;\n  event.header := struct event_header;\n  packet.context := struct "
		"packet_context;\n%s};\n",
		w->o.cpu_in_event ? "  event.context := struct { integer { size = 32; align = 8; } cpu_id; };\n" : "");
	for (unsigned i = 0; i < w->events; i++) {
		fprintf(f, "event {\n  name = \"%s\"; id = %u; stream_id = 0;\n  fields := struct {\n",
			w->event[i].name, i);
		event_fields(w, f, &w->event[i]);
		fprintf(f, "  };\n};\n");
	}
	if (fclose(f))
		err(1, "ctf_writer");
	return text;
}

void ctfw_metadata(struct ctfw *w, const char *text)
{
	free(w->metadata);
	w->metadata = strdup(text);
}

/* ---- bytes ---- */

static void raw(struct stream *s, const void *p, size_t n)
{
	if (s->len + n > s->room) {
		s->room = 2 * (s->len + n);
		s->buf = grown(s->buf, s->room, 1);
	}
	memcpy(s->buf + s->len, p, n);
	s->len += n;
}

static void encode(const struct ctfw *w, unsigned char *out, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		out[i] = (unsigned char)(v >> 8 * (w->o.big_endian ? bytes - 1 - i : i));
}

static void number(const struct ctfw *w, struct stream *s, uint64_t v, unsigned bytes)
{
	unsigned char b[8];
	encode(w, b, v, bytes);
	raw(s, b, bytes);
}

/* ---- packets ---- */

unsigned ctfw_stream(struct ctfw *w, unsigned cpu)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s%u", w->dir, w->o.file_prefix ? w->o.file_prefix : "stream_", w->streams);
	w->stream = grown(w->stream, w->streams + 1, sizeof(*w->stream));
	struct stream *s = &w->stream[w->streams];
	*s = (struct stream){ .cpu = cpu, .f = fopen(path, "w") };
	if (!s->f)
		err(1, "%s", path);
	return w->streams++;
}

static void open_packet(struct ctfw *w, struct stream *s, uint64_t ns)
{
	s->len = 0;
	s->first = s->last = ns;
	s->open = true;
	number(w, s, DATA_MAGIC, 4);
	raw(s, w->uuid, 16);
	number(w, s, 0, 4);
	if (w->o.instance_id)
		number(w, s, (uint64_t)(s - w->stream), 8);
	s->begin = s->len;
	for (unsigned i = 0; i < 4; i++)
		number(w, s, 0, 8); /* times and sizes: close_packet() */
	if (w->o.sequence)
		number(w, s, s->seq, 8);
	number(w, s, 0, 8); /* discarded */
	if (!w->o.cpu_in_event)
		number(w, s, s->cpu, 4);
}

static void close_packet(struct ctfw *w, struct stream *s)
{
	static const unsigned char zero[4096];
	if (!s->open)
		return;
	size_t size = (s->len + 4095) & ~(size_t)4095;
	const uint64_t v[] = { s->first, s->last, 8 * s->len, 8 * size };
	for (unsigned i = 0; i < 4; i++)
		encode(w, s->buf + s->begin + 8u * i, v[i], 8);
	encode(w, s->buf + s->begin + 32 + (w->o.sequence ? 8 : 0), s->discarded, 8);
	if (fwrite(s->buf, 1, s->len, s->f) != s->len || fwrite(zero, 1, size - s->len, s->f) != size - s->len)
		err(1, "%s", w->dir);
	s->seq++;
	s->open = false;
}

void ctfw_lose(struct ctfw *w, unsigned stream, uint64_t n)
{
	w->stream[stream].discarded += n;
}

void ctfw_lose_packets(struct ctfw *w, unsigned stream, uint64_t n)
{
	close_packet(w, &w->stream[stream]);
	w->stream[stream].seq += n;
}

/* ---- events ---- */

static void event_header(struct ctfw *w, struct stream *s, unsigned event, uint64_t ns)
{
	uint64_t ahead = ns - s->last;
	switch (w->o.header) {
	case CTFW_PLAIN:
		number(w, s, event, 4);
		number(w, s, ns, 8);
		return;
	case CTFW_COMPACT:
		if (event < 31 && ahead < 1u << 27) {
			uint32_t time = (uint32_t)ns & ((1u << 27) - 1);
			number(w, s, w->o.big_endian ? event << 27 | time : event | time << 5, 4);
			return;
		}
		number(w, s, w->o.big_endian ? 31 << 3 : 31, 1);
		break;
	case CTFW_LARGE:
		if (event < 65535 && ahead < 1ull << 32) {
			number(w, s, event, 2);
			number(w, s, ns, 4);
			return;
		}
		number(w, s, 65535, 2);
		break;
	}
	number(w, s, event, 4);
	number(w, s, ns, 8);
}

void ctfw_put(struct ctfw *w, unsigned stream, unsigned event, uint64_t ns, ...)
{
	struct stream *s = &w->stream[stream];
	const struct event *e = &w->event[event];
	va_list ap;
	if (s->open && s->len >= w->o.packet_bytes)
		close_packet(w, s);
	if (!s->open)
		open_packet(w, s, ns);
	event_header(w, s, event, ns);
	s->last = ns;
	if (w->o.cpu_in_event)
		number(w, s, s->cpu, 4);
	va_start(ap, ns);
	for (unsigned i = 0; i < e->fields; i++) {
		const struct field *f = &e->field[i];
		if (f->type == 's') {
			const char *text = va_arg(ap, const char *);
			raw(s, text, strlen(text) + 1);
		} else if (f->type == 'c') {
			char text[64] = "";
			snprintf(text, sizeof(text), "%s", va_arg(ap, const char *));
			raw(s, text, f->bits);
		} else if (f->type == 'q') {
			int n = va_arg(ap, int);
			const int32_t *v = va_arg(ap, const int32_t *);
			number(w, s, (uint64_t)n, 1);
			for (int j = 0; j < n; j++)
				number(w, s, (uint64_t)v[j], f->bits / 8);
		} else if (f->type == 'x') {
			int n = va_arg(ap, int);
			const uint64_t *v = va_arg(ap, const uint64_t *);
			number(w, s, (uint64_t)n, 4);
			for (int j = 0; j < n; j++)
				number(w, s, v[j], f->bits / 8);
		} else if (f->bits == 64) {
			number(w, s, va_arg(ap, uint64_t), 8);
		} else {
			number(w, s, (uint64_t)va_arg(ap, int), f->bits / 8);
		}
	}
	va_end(ap);
}

/* ---- the end ---- */

/* LTTng's metadata packets: a header of 37 bytes, then text. */
static void write_packetized(const struct ctfw *w, FILE *f, const char *text)
{
	enum { HEADER = 37, TEXT = 1000 };
	for (size_t n = strlen(text); n;) {
		size_t take = n < TEXT ? n : TEXT;
		unsigned char h[HEADER] = { 0 };
		encode(w, h, METADATA_MAGIC, 4);
		memcpy(h + 4, w->uuid, 16);
		encode(w, h + 24, 8 * (HEADER + take), 4);
		encode(w, h + 28, 8 * (HEADER + take), 4);
		h[35] = 1;
		h[36] = 8;
		fwrite(h, 1, HEADER, f);
		fwrite(text, 1, take, f);
		text += take;
		n -= take;
	}
}

static void write_metadata(const struct ctfw *w)
{
	char path[4096], *own = own_metadata(w);
	snprintf(path, sizeof(path), "%s/metadata", w->dir);
	FILE *f = fopen(path, "w");
	if (!f)
		err(1, "%s", path);
	const char *at = w->metadata ? strstr(w->metadata, "%s") : NULL;
	if (at)
		fprintf(f, "%.*s%s%s", (int)(at - w->metadata), w->metadata, own, at + 2);
	else if (w->metadata)
		fputs(w->metadata, f);
	else if (w->o.packetized)
		write_packetized(w, f, own);
	else
		fputs(own, f);
	if (fclose(f))
		err(1, "%s", path);
	free(own);
}

void ctfw_close(struct ctfw *w)
{
	for (unsigned i = 0; i < w->streams; i++) {
		close_packet(w, &w->stream[i]);
		if (fclose(w->stream[i].f))
			err(1, "%s", w->dir);
		free(w->stream[i].buf);
	}
	write_metadata(w);
	for (unsigned i = 0; i < w->events; i++)
		free(w->event[i].name);
	free(w->event);
	free(w->stream);
	free(w->metadata);
	free((char *)w->o.env);
	free(w->dir);
	free(w);
}
