/* Runs a fuzz target over the files of a folder: how the committed seeds are kept working without a fuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    unsigned count = 0;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.' || snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name) >= (int)sizeof path)
            continue;
        FILE *file = fopen(path, "rb");
        if (file == NULL)
            continue;
        static uint8_t bytes[1 << 20];
        size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        /* An exact heap copy, so that a sanitizer sees the first byte read past the end. */
        uint8_t *copy = malloc(size == 0 ? 1 : size);
        if (copy == NULL)
            return 1;
        for (size_t i = 0; i < size; i++)
            copy[i] = bytes[i];
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
        count++;
    }
    closedir(folder);
    printf("%u seeds\n", count);
    return count > 0 ? 0 : 1;
}
