// Load for DNS servers, and an authoritative server for them to ask: batched, so that neither is the bottleneck (dnsperf is one).
//   dns-load answer PORT                                answers every question for A with 10.1.2.3, TTL 3600, until killed
//   dns-load ask PORT NAMES SECONDS WINDOW [RATE [FIRST]]    asks 127.0.0.1:PORT for nN.bench.example
// NAMES names over and over; 0: every question another name, counted from FIRST. WINDOW questions are open at a time; RATE questions a second, 0 as fast as
// the answers come. Prints: answers a second, lost, latency of the median, the 99th percentile and the longest in microseconds, answers of another code than 0.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { Batch = 32, Size = 1500, Sockets = 8, Ids = 65536, Histogram = 1 << 20 };

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }

static int opened(int port, int listens) {
  int s = socket(AF_INET, SOCK_DGRAM, 0), one = 1, bytes = 4 << 20;
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  setsockopt(s, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (listens) setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (listens ? bind(s, (void *)&a, sizeof a) : connect(s, (void *)&a, sizeof a)) { perror("dns-load"); exit(1); }
  return s;
}

static uint8_t buffers[Batch][Size];
static struct iovec vectors[Batch];
static struct mmsghdr messages[Batch];
static struct sockaddr_in addresses[Batch];

static void prepare(int named) {
  for (int i = 0; i < Batch; i++) {
    vectors[i] = (struct iovec){ buffers[i], Size };
    messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1, .msg_name = named ? &addresses[i] : NULL, .msg_namelen = named ? sizeof addresses[i] : 0 };
  }
}

static int question_end(const uint8_t *m, int n) {
  int at = 12;
  while (at < n && m[at]) at += 1 + m[at];
  return at + 5;
}

static void answer(int port) {
  int s = opened(port, 1);
  static const uint8_t record[] = { 0xC0, 12, 0, 1, 0, 1, 0, 0, 0x0E, 0x10, 0, 4, 10, 1, 2, 3 };
  for (;;) {
    for (int i = 0; i < Batch; i++) vectors[i].iov_len = Size;
    prepare(1);
    int n = recvmmsg(s, messages, Batch, MSG_WAITFORONE, NULL);
    for (int i = 0; i < n; i++) {
      uint8_t *m = buffers[i];
      int end = question_end(m, messages[i].msg_len);
      int positive = m[end - 4] == 0 && m[end - 3] == 1;
      m[2] = 0x84 | (m[2] & 1); m[3] = 0;
      memset(m + 6, 0, 6);
      if (positive) { m[7] = 1; memcpy(m + end, record, sizeof record); end += sizeof record; }
      vectors[i].iov_len = end;
    }
    for (int done = 0; done < n;) { int k = sendmmsg(s, messages + done, n - done, 0); if (k <= 0) break; done += k; }
  }
}

static double sent[Sockets][Ids];
static uint32_t histogram[Histogram];

static int write_question(uint8_t *m, uint16_t id, uint64_t number) {
  static const uint8_t tail[] = { 5, 'b', 'e', 'n', 'c', 'h', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1, 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0 };
  memset(m, 0, 12);
  m[0] = id >> 8; m[1] = id; m[2] = 1; m[5] = 1; m[11] = 1;
  int n = sprintf((char *)m + 13, "n%llu", (unsigned long long)number);
  m[12] = n;
  memcpy(m + 13 + n, tail, sizeof tail);
  return 13 + n + sizeof tail;
}

static uint64_t received, wrong;

static int receive(int *sockets, int k) {
  prepare(0);
  for (int i = 0; i < Batch; i++) vectors[i].iov_len = Size;
  int n = recvmmsg(sockets[k], messages, Batch, MSG_DONTWAIT, NULL), counted = 0;
  double t = n > 0 ? now() : 0;
  for (int i = 0; i < n; i++) {
    uint16_t id = buffers[i][0] << 8 | buffers[i][1];
    if (sent[k][id] == 0) continue;
    double us = (t - sent[k][id]) * 1e6;
    histogram[us < Histogram - 1 ? (uint32_t)us : Histogram - 1]++;
    sent[k][id] = 0;
    if (buffers[i][3] & 15 || !buffers[i][7]) wrong++;
    counted++;
  }
  received += counted;
  return counted;
}

static void ask(int port, uint64_t names, double seconds, int window, double rate, uint64_t first) {
  int sockets[Sockets];
  struct pollfd polled[Sockets];
  uint16_t ids[Sockets] = { 0 };
  for (int k = 0; k < Sockets; k++) { sockets[k] = opened(port, 0); polled[k] = (struct pollfd){ sockets[k], POLLIN, 0 }; }
  uint64_t asked = 0, lost = 0;
  int64_t open = 0;
  double start = now(), end = start + seconds, last = start;
  int turn = 0;
  for (double t = start; t < end; t = now()) {
    int may = window - open;
    if (rate > 0) { double due = (t - start) * rate - asked; if (due < may) may = due; }
    if (may >= (rate > 0 ? 1 : Batch)) {
      int k = turn++ % Sockets, n = may < Batch ? may : Batch;
      prepare(0);
      for (int i = 0; i < n; i++) {
        while (sent[k][++ids[k]] != 0) {}
        sent[k][ids[k]] = t;
        vectors[i].iov_len = write_question(buffers[i], ids[k], names ? asked++ * 2654435761u % names : first + asked++);
      }
      int done = 0;
      while (done < n) { int j = sendmmsg(sockets[k], messages + done, n - done, 0); if (j <= 0) break; done += j; }
      open += n;
    }
    int got = 0;
    for (int k = 0; k < Sockets; k++) for (int r; (r = receive(sockets, k)) > 0;) { got += r; if (r < Batch) break; }
    open -= got;
    if (got) last = now();
    else if (rate > 0) { struct timespec w = { 0, 20000 }; ppoll(polled, Sockets, &w, NULL); }
    else if (now() - last > 0.5) { for (int k = 0; k < Sockets; k++) for (int i = 0; i < Ids; i++) if (sent[k][i]) { sent[k][i] = 0; lost++; } open = 0; last = now(); }
    else if (open > window - Batch) poll(polled, Sockets, 1);
  }
  double elapsed = now() - start;
  for (int wait = 0; wait < 50; wait++) { for (int k = 0; k < Sockets; k++) while (receive(sockets, k) > 0) {} usleep(10000); }
  uint64_t total = 0, half = 0, most = 0, sum = 0;
  for (int i = 0; i < Histogram; i++) total += histogram[i];
  uint64_t p99 = 0;
  for (int i = 0; i < Histogram; i++) {
    if (!histogram[i]) continue;
    if (sum < total / 2) half = i;
    if (sum < total * 0.99) p99 = i;
    sum += histogram[i];
    most = i;
  }
  for (int k = 0; k < Sockets; k++) for (int i = 0; i < Ids; i++) if (sent[k][i]) lost++;
  printf("%.0f %llu %llu %llu %llu %llu\n", received / elapsed, (unsigned long long)lost, (unsigned long long)half, (unsigned long long)p99, (unsigned long long)most, (unsigned long long)wrong);
}

// What the machine itself costs: wakes every 100 us and does nothing; the longest lateness in microseconds.
static void beat(double seconds) {
  double most = 0;
  for (double before = now(), end = before + seconds, t; before < end; before = t) {
    struct timespec w = { 0, 100000 };
    nanosleep(&w, 0);
    t = now();
    if (t - before > most) most = t - before;
  }
  printf("%.0f\n", most * 1e6);
}

int main(int argc, char **argv) {
  prepare(1);
  if (argc > 2 && !strcmp(argv[1], "beat")) { beat(atof(argv[2])); return 0; }
  if (argc > 2 && !strcmp(argv[1], "answer")) answer(atoi(argv[2]));
  if (argc < 6) return 2;
  ask(atoi(argv[2]), strtoull(argv[3], 0, 10), atof(argv[4]), atoi(argv[5]), argc > 6 ? atof(argv[6]) : 0, argc > 7 ? strtoull(argv[7], 0, 10) : 0);
}
