/* Text, head, sections of a page. */
#include "analyze/html.h"

#include <string.h>

#include "schemas/embed.h"
#include "schemas/safe.h"

#define CUT_MAX 4096

/* Signs that turn the direction of what follows, and what XML has no word for. */
static bool is_odd(const unsigned char *s)
{
	if (s[0] == 0xe2 && s[1] == 0x80)
		return s[2] >= 0xaa && s[2] <= 0xae;
	if (s[0] == 0xe2 && s[1] == 0x81)
		return s[2] >= 0xa6 && s[2] <= 0xa9;
	return s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe;
}

void html_cut(FILE *f, const char *text, unsigned max)
{
	char clean[CUT_MAX];
	size_t n = safe_copy(clean, max < sizeof(clean) ? max + 1 : sizeof(clean), text);
	for (const char *s = clean; *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		case '\'':
			fputs("&#39;", f);
			break;
		default:
			if (is_odd((const unsigned char *)s)) {
				fputc('?', f);
				s += 2;
			} else {
				fputc(*s, f);
			}
		}
	}
	/* Each byte that is not taken over becomes one '?', so lengths can be compared. */
	if (n < strlen(text))
		fputs("\xe2\x80\xa6", f);
}

void html_text(FILE *f, const char *s)
{
	html_cut(f, s, HTML_TEXT);
}

void html_begin(FILE *f, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      /* Even a name that got through could load and run nothing. */
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	      "'unsafe-inline'\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"generator\" content=\"mmreplay\"/>\n"
	      "<title>",
	      f);
	html_text(f, title);
	fprintf(f, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", report_css);
}

void html_end(FILE *f)
{
	fputs("</main>\n</body>\n</html>\n", f);
}

void html_section(FILE *f, const char *id, const char *title, const char *about, const char *sql_view)
{
	fputs("<section id=\"", f);
	html_text(f, id);
	fputs("\">\n<h2>", f);
	html_text(f, title);
	fputs("</h2>\n<p class=\"about\">", f);
	html_text(f, about);
	if (sql_view) {
		fputs(" <code>", f);
		html_text(f, sql_view);
		fputs("</code>", f);
	}
	fputs("</p>\n", f);
}

void html_section_end(FILE *f)
{
	fputs("</section>\n", f);
}

void html_lines(FILE *f, const char *class, const char *text)
{
	char line[CUT_MAX];
	while (*text) {
		size_t n = strcspn(text, "\n"), kept = n < sizeof(line) ? n : sizeof(line) - 1;
		memcpy(line, text, kept);
		line[kept] = '\0';
		text += n + (text[n] == '\n');
		if (!n)
			continue;
		fprintf(f, "<p class=\"%s\">", class);
		html_cut(f, line, CUT_MAX - 1);
		fputs("</p>\n", f);
	}
}
