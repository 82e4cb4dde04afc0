/*
 * The terminal survives us: whatever ends the program, its modes and its
 * screen are put back. A handler may not call ncurses, so what to send is
 * worked out in advance.
 */
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ui/term_internal.h"

#include <term.h>

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static const int crashing[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

#define NENDING (sizeof(ending) / sizeof(*ending))
#define NCRASHING (sizeof(crashing) / sizeof(*crashing))

static struct {
	volatile sig_atomic_t *stop;
	struct termios modes;
	bool have_modes;
	char leave[256]; /* what takes the terminal out of full-screen mode */
	size_t len;
	struct sigaction old_ending[NENDING], old_crashing[NCRASHING];
} saved;

static void put_back(void)
{
	ssize_t ignored = write(STDOUT_FILENO, saved.leave, saved.len);
	(void)ignored;
	if (saved.have_modes)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved.modes);
}

static void on_end(int sig)
{
	if (*saved.stop) {
		put_back();
		_exit(128 + sig);
	}
	*saved.stop = sig;
}

/* Put the old handlers back; a fault then happens again under them, a signal that was sent is sent again. */
static void on_crash(int sig, siginfo_t *info, void *context)
{
	(void)context;
	put_back();
	for (size_t i = 0; i < NCRASHING; i++)
		sigaction(crashing[i], &saved.old_crashing[i], NULL);
	if (info->si_code <= 0)
		raise(sig);
}

void term_signals_begin(volatile sig_atomic_t *stop)
{
	saved.stop = stop;
	saved.len = 0;
	saved.have_modes = tcgetattr(STDIN_FILENO, &saved.modes) == 0;
	struct sigaction end = { .sa_handler = on_end }, crash = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO };
	for (size_t i = 0; i < NENDING; i++)
		sigaction(ending[i], &end, &saved.old_ending[i]);
	for (size_t i = 0; i < NCRASHING; i++)
		sigaction(crashing[i], &crash, &saved.old_crashing[i]);
}

static int collect(int ch)
{
	if (saved.len < sizeof(saved.leave))
		saved.leave[saved.len++] = (char)ch;
	return ch;
}

void term_signals_learn(void)
{
	/* Attributes and colours off, cursor shown, keypad off, other screen left. */
	static const char *const caps[] = { "sgr0", "op", "cnorm", "rmkx", "rmcup" };
	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
		const char *s = tigetstr(caps[i]);
		if (s && s != (const char *)-1)
			tputs(s, 1, collect);
	}
	collect('\r');
	collect('\n');
}

void term_signals_end(void)
{
	for (size_t i = 0; i < NENDING; i++)
		sigaction(ending[i], &saved.old_ending[i], NULL);
	for (size_t i = 0; i < NCRASHING; i++)
		sigaction(crashing[i], &saved.old_crashing[i], NULL);
}
