/* Roles as colours, or as attributes where there are none. */
#include <stdlib.h>

#include "ui/term_internal.h"

#define OWN (-1) /* the terminal's default colour */

static const struct style {
	short fg, bg;
	attr_t attr; /* with colours */
	attr_t mono; /* without */
	short sel_fg, sel_bg; /* in the selected row; OWN, OWN: as any other */
} styles[ROLE_COUNT] = {
	[ROLE_NORMAL] = { OWN, OWN, A_NORMAL, A_NORMAL, OWN, OWN },
	[ROLE_TITLE] = { OWN, OWN, A_BOLD, A_BOLD, OWN, OWN },
	[ROLE_TAB] = { COLOR_WHITE, COLOR_BLUE, A_BOLD, A_BOLD | A_REVERSE, OWN, OWN },
	[ROLE_HEADER] = { COLOR_BLACK, COLOR_GREEN, A_NORMAL, A_BOLD | A_UNDERLINE, OWN, OWN },
	[ROLE_SORT] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_BOLD | A_REVERSE, OWN, OWN },
	[ROLE_GOOD] = { COLOR_GREEN, OWN, A_NORMAL, A_NORMAL, OWN, OWN },
	[ROLE_WARN] = { COLOR_YELLOW, OWN, A_NORMAL, A_UNDERLINE, COLOR_BLACK, COLOR_YELLOW },
	[ROLE_BAD] = { COLOR_RED, OWN, A_BOLD, A_BOLD, COLOR_WHITE, COLOR_RED },
	[ROLE_DIM] = { OWN, OWN, A_DIM, A_DIM, OWN, OWN },
	[ROLE_MARK] = { COLOR_YELLOW, OWN, A_BOLD, A_BOLD, OWN, OWN },
	[ROLE_MATCH] = { COLOR_BLACK, COLOR_YELLOW, A_NORMAL, A_BOLD | A_UNDERLINE, COLOR_BLACK, COLOR_YELLOW },
	[ROLE_STATUS] = { COLOR_WHITE, COLOR_BLUE, A_NORMAL, A_REVERSE, OWN, OWN },
	[ROLE_KEY] = { OWN, OWN, A_BOLD, A_BOLD, OWN, OWN },
	[ROLE_LABEL] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE, OWN, OWN },
	[ROLE_BAR] = { COLOR_CYAN, OWN, A_NORMAL, A_NORMAL, OWN, OWN },
	[ROLE_PROMPT] = { OWN, OWN, A_BOLD, A_BOLD, OWN, OWN },
};

static bool colours(void)
{
	const char *no = getenv("NO_COLOR");
	if ((no && *no) || !has_colors() || start_color() == ERR)
		return false;
	return COLOR_PAIRS > 2 * ROLE_COUNT;
}

void term_styles_init(struct term_styles *s)
{
	bool colour = colours();
	bool own = colour && use_default_colors() == OK;
	for (int r = 0; r < ROLE_COUNT; r++) {
		const struct style *st = &styles[r];
		for (int sel = 0; sel < 2; sel++) {
			s->pair[sel][r] = 0;
			s->attr[sel][r] = colour ? st->attr : st->mono;
			if (!colour) {
				s->attr[sel][r] ^= sel ? A_REVERSE : 0;
				continue;
			}
			bool plain = st->sel_fg == OWN;
			short fg = !sel ? st->fg : plain ? COLOR_BLACK : st->sel_fg;
			short bg = !sel ? st->bg : plain ? COLOR_CYAN : st->sel_bg;
			if (sel && plain)
				s->attr[sel][r] = A_NORMAL;
			if (fg == OWN && bg == OWN)
				continue;
			fg = fg == OWN && !own ? COLOR_WHITE : fg;
			bg = bg == OWN && !own ? COLOR_BLACK : bg;
			short pair = (short)(1 + sel * ROLE_COUNT + r);
			if (init_pair(pair, fg, bg) == OK)
				s->pair[sel][r] = pair;
		}
	}
}
