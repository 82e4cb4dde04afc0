#include "schemas/safe.h"

#include <string.h>

/*
 * Length of the valid UTF-8 sequence at @s, 0 when there is none. Overlong
 * forms, surrogates, anything past U+10FFFF and the C1 controls (which a
 * terminal obeys like ESC sequences) are not valid here.
 */
static size_t utf8_len(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		if ((s[1] & 0xc0) != 0x80 || (s[0] == 0xc2 && s[1] < 0xa0))
			return 0;
		return 2;
	}
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if ((s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80)
			return 0;
		if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
			return 0;
		return 3;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if ((s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80 || (s[3] & 0xc0) != 0x80)
			return 0;
		if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
			return 0;
		return 4;
	}
	return 0;
}

size_t safe_char(const char *s)
{
	return utf8_len((const unsigned char *)s);
}

size_t safe_copy(char *dst, size_t size, const char *src)
{
	size_t out = 0;
	if (!size)
		return 0;
	for (const unsigned char *s = (const unsigned char *)src; *s;) {
		size_t n = utf8_len(s);
		if (n == 0 || *s < 0x20 || *s == 0x7f) {
			if (out + 1 >= size)
				break;
			dst[out++] = '?';
			s++;
			continue;
		}
		if (out + n >= size)
			break;
		memcpy(dst + out, s, n);
		out += n;
		s += n;
	}
	dst[out] = '\0';
	return out;
}

void json_string(FILE *f, const char *str)
{
	fputc('"', f);
	for (const unsigned char *s = (const unsigned char *)str; *s;) {
		size_t n = utf8_len(s);
		if (n == 0) {
			fputs("\\ufffd", f);
			s++;
		} else if (*s == '"' || *s == '\\') {
			fprintf(f, "\\%c", *s++);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(f, "\\u%04x", *s++);
		} else {
			fwrite(s, 1, n, f);
			s += n;
		}
	}
	fputc('"', f);
}

void csv_field(FILE *f, const char *s)
{
	if (!strpbrk(s, ",\"\r\n")) {
		fputs(s, f);
		return;
	}
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', f);
		fputc(*s, f);
	}
	fputc('"', f);
}
