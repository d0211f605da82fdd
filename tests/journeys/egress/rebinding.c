/*
 * Preloaded into a function's process: answers the lookups of one name like a DNS server that says something else each
 * time, and counts them. Every other name is looked up as always.
 *
 * REBINDING_NAME     the name
 * REBINDING_ANSWERS  a file: a line for each lookup, with addresses and a space between two
 * REBINDING_COUNT    a file that grows by a byte with each lookup, whichever process makes it
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* How many lookups there were with this one: where the file ends after its byte. */
static off_t count(void)
{
    int file = open(getenv("REBINDING_COUNT"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    off_t end = file >= 0 && write(file, ".", 1) == 1 ? lseek(file, 0, SEEK_CUR) : 0;
    close(file);
    return end;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    lookup *real = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    if (name == NULL || strcmp(name, getenv("REBINDING_NAME")) != 0)
        return real(name, service, hints, found);

    char line[256] = "", *rest;
    FILE *answers = fopen(getenv("REBINDING_ANSWERS"), "r");
    if (answers == NULL)
        return EAI_FAIL;
    for (off_t lines = count(); lines > 0; lines--)
        if (fgets(line, sizeof line, answers) == NULL)
            line[0] = '\0';
    fclose(answers);

    struct addrinfo **first = found;
    *found = NULL;
    for (char *address = strtok_r(line, " \n", &rest); address != NULL; address = strtok_r(NULL, " \n", &rest)) {
        int error = real(address, service, hints, found);
        if (error != 0)
            return error;
        /* glibc frees a list entry by entry, so two lists may be one. */
        while (*found != NULL)
            found = &(*found)->ai_next;
    }
    return *first == NULL ? EAI_NONAME : 0;
}
