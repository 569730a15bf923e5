/* Asks the C library it is linked with, as any program would: addresses of a
 * name, or with an address the name behind it, one a line. Reads names from
 * standard input when none is given, and answers each in one line. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int is_address(const char *text) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, text, bytes) == 1 ||
         inet_pton(AF_INET6, text, bytes) == 1;
}

static int show(const char *name, const char *end) {
  struct addrinfo hints, *all, *one;
  char text[256];
  int to_name = is_address(name), error;

  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  error = getaddrinfo(name, NULL, &hints, &all);
  if (error != 0) {
    printf("%s%s", gai_strerror(error), end);
    return 2;
  }
  for (one = all; one != NULL; one = one->ai_next) {
    error = getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, NULL,
                        0, to_name ? NI_NAMEREQD : NI_NUMERICHOST);
    printf("%s%s", error == 0 ? text : gai_strerror(error), end);
  }
  freeaddrinfo(all);
  return 0;
}

int main(int argc, char **argv) {
  char line[256];

  if (argc > 1) return show(argv[1], "\n");
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    printf("%s:", line);
    show(line, " ");
    printf("\n");
  }
  return 0;
}
