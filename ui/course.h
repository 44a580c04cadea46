/* Calls over time: how many went on at once, and how many began. */
#ifndef UI_COURSE_H
#define UI_COURSE_H

#include "record/record.h"

enum { COURSE_STEPS = 120 };

/* Of INVITE calls. Its size does not depend on how many there are, nor on how long it took. */
struct course {
    double at_once[COURSE_STEPS];    /* the most in each step */
    double per_second[COURSE_STEPS]; /* the most that began in one second of it */
    size_t count;                    /* 0: no call */
    int64_t begin_ns, step_ns;       /* whole seconds */
};

/* When calls began, and when they ended. */
struct course_times {
    int64_t *begins, *ends;
    size_t count, room;
};

/* Room for so many calls; none without memory. */
void course_times_init(struct course_times *times, size_t room);
void course_times_fini(struct course_times *times);

/* last_ns: newest time of the capture; CLOCK_NONE: not known. A call that has not ended goes on until then, one without a final answer
   for 32 s (RFC 3261 17.1.1.2, timer B). */
void course_note(struct course_times *times, const struct call_record *call, int64_t last_ns);

/* Sorts the times. */
void course_make(struct course *course, struct course_times *times);

#endif
