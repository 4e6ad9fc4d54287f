/* A stand-in for libedgetpu that needs no hardware and misbehaves on demand.
 *
 * It takes over every edgetpu-custom-op as the real library does, one delegate kernel each, and answers with bytes that
 * depend on the bytes of the input alone. What it does is read again at every call from the file "<library>.control",
 * lines of key=value:
 *
 *   devices=N         how many are plugged in (1); 0 while running makes every inference fail
 *   openable=0        they are listed, but cannot be opened: no permission, or in use
 *   version=TEXT      what edgetpu_version says
 *   delay_us=N        so long does an inference take
 *   fail_prepare=1, fail_invoke=1
 *   crash=1, abort=1, hang=1      at the place named by at=list|create|prepare|invoke (invoke); once it hangs there is
 *                                 a file "<library>.hangs"
 *   crash_after=N     the Nth inference of this process crashes
 *   answers=FILE      records of: uint64 hash of the input, uint32 length, the bytes of all outputs
 *
 * Built with -DOLD_ABI it hands over a registration of the layout that TensorFlow had up to 2.11, as Google's own 16.0
 * does: a current runtime then reads past its end.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, ERROR = 1, FLOAT32 = 1, DELEGATE_CODE = 51, ALLOW_DYNAMIC_TENSORS = 1 };

typedef struct { int size; int data[]; } IntArray;

struct Context;
struct Delegate;

typedef struct {
  struct Delegate* delegate;
  IntArray *nodes_to_replace, *input_tensors, *output_tensors;
} DelegateParams;

typedef struct {
  int type;
  void* data;
  IntArray* dims;
  struct { float scale; int32_t zero_point; } params;
  int allocation_type;
  size_t bytes;
  const void* allocation;
  const char* name;
  struct Delegate* delegate;
  int buffer_handle;
  bool data_is_stale, is_variable;
  struct { int type; void* params; } quantization;
  void* sparsity;
  const IntArray* dims_signature;
} Tensor;

typedef struct {
  IntArray *inputs, *outputs, *intermediates, *temporaries;
  void *user_data, *builtin_data;
  const void* custom_initial_data;
  int custom_initial_data_size;
  struct Delegate* delegate;
  bool might_have_side_effect;
} Node;

typedef struct {
  void* (*init)(struct Context*, const char*, size_t);
  void (*free)(struct Context*, void*);
  int (*prepare)(struct Context*, Node*);
  int (*invoke)(struct Context*, Node*);
  const char* (*profiling_string)(const struct Context*, const Node*);
  int32_t builtin_code;
  const char* custom_name;
  int version;
#ifndef OLD_ABI
  void *registration_external, *async_kernel;
  uint64_t inplace_operator;
#endif
} Registration;

typedef struct Context {
  size_t tensors_size;
  int (*GetExecutionPlan)(struct Context*, IntArray**);
  Tensor* tensors;
  void* impl;
  int (*ResizeTensor)(struct Context*, Tensor*, IntArray*);
  void (*ReportError)(struct Context*, const char*, ...);
  int (*AddTensors)(struct Context*, int, int*);
  int (*GetNodeAndRegistration)(struct Context*, int, Node**, Registration**);
  int (*ReplaceNodeSubsetsWithDelegateKernels)(struct Context*, Registration, const IntArray*, struct Delegate*);
} Context;

typedef struct Delegate {
  void* data;
  int (*Prepare)(Context*, struct Delegate*);
  int (*CopyFromBufferHandle)(Context*, struct Delegate*, int, Tensor*);
  int (*CopyToBufferHandle)(Context*, struct Delegate*, int, Tensor*);
  void (*FreeBufferHandle)(Context*, struct Delegate*, int*);
  int64_t flags;
  void* opaque_delegate_builder;
} Delegate;

typedef struct { int type; const char* path; } Device;

typedef struct {
  long devices, openable, delay_us, fail_prepare, fail_invoke, crash, abort, hang, crash_after;
  char at[16], version[256], answers[PATH_MAX];
} Control;

static long invocations;

/* A file beside the library itself. */
static FILE* beside(const char* suffix, const char* mode) {
  Dl_info ours;
  char path[PATH_MAX];
  if (!dladdr((void*)beside, &ours)) return NULL;
  snprintf(path, sizeof path, "%s.%s", ours.dli_fname, suffix);
  return fopen(path, mode);
}

static Control control(void) {
  Control now = {.devices = 1, .openable = 1, .at = "invoke", .version = "BuildLabel(fake), RuntimeVersion(14)"};
  const struct { const char* key; long* value; } numbers[] = {
      {"devices", &now.devices},           {"openable", &now.openable},       {"delay_us", &now.delay_us},
      {"fail_prepare", &now.fail_prepare}, {"fail_invoke", &now.fail_invoke}, {"crash", &now.crash},
      {"abort", &now.abort},               {"hang", &now.hang},               {"crash_after", &now.crash_after}};
  char line[PATH_MAX + 64];
  FILE* file = beside("control", "r");
  if (!file) return now;
  while (fgets(line, sizeof line, file)) {
    char* value = strchr(line, '=');
    if (!value) continue;
    *value++ = 0;
    value[strcspn(value, "\n")] = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
      if (!strcmp(line, numbers[i].key)) *numbers[i].value = atol(value);
    if (!strcmp(line, "at")) snprintf(now.at, sizeof now.at, "%s", value);
    if (!strcmp(line, "version")) snprintf(now.version, sizeof now.version, "%s", value);
    if (!strcmp(line, "answers")) snprintf(now.answers, sizeof now.answers, "%s", value);
  }
  fclose(file);
  return now;
}

static void misbehave(const Control* now, const char* place) {
  if (strcmp(now->at, place)) return;
  if (now->abort) abort();
  if (now->crash) *(volatile int*)0 = 1;
  if (now->hang) {
    FILE* sign = beside("hangs", "w");
    if (sign) fclose(sign);
    for (;;) pause();
  }
}

/* Every byte counts with a weight of its own, so that NumPy can say the same in one line. */
static uint64_t hash(uint64_t sum, uint64_t* place, const uint8_t* bytes, size_t size) {
  for (size_t i = 0; i < size; i++) sum += bytes[i] * ((2 * (*place)++ + 1) * 0x9E3779B97F4A7C15u);
  return sum;
}

static uint64_t next_random(uint64_t* state) { /* xorshift64 */
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void invent(Context* context, const IntArray* outputs, uint64_t seed) {
  seed = seed ? seed : 1;
  for (int i = 0; i < outputs->size; i++) {
    Tensor* tensor = &context->tensors[outputs->data[i]];
    if (tensor->type == FLOAT32)
      for (size_t k = 0; k < tensor->bytes / 4; k++) ((float*)tensor->data)[k] = (next_random(&seed) >> 40) / 16777216.0f;
    else
      for (size_t k = 0; k < tensor->bytes; k++) ((uint8_t*)tensor->data)[k] = (uint8_t)(next_random(&seed) >> 56);
  }
}

static bool look_up(Context* context, const IntArray* outputs, uint64_t asked, const char* path) {
  FILE* file = *path ? fopen(path, "rb") : NULL;
  bool found = false;
  uint64_t key;
  uint32_t size;
  while (file && !found && fread(&key, sizeof key, 1, file) && fread(&size, sizeof size, 1, file)) {
    if (!(found = key == asked)) fseek(file, size, SEEK_CUR);
  }
  for (int i = 0; found && i < outputs->size; i++) {
    Tensor* tensor = &context->tensors[outputs->data[i]];
    found = fread(tensor->data, 1, tensor->bytes, file) == tensor->bytes;
  }
  if (file) fclose(file);
  return found;
}

/* Answers with whether the operator brings an executable; the real library finds out in prepare. */
static void* kernel_init(Context* context, const char* buffer, size_t length) {
  (void)length;
  const DelegateParams* params = (const DelegateParams*)buffer;
  Node* node;
  Registration* registration;
  int* complete = calloc(1, sizeof *complete);
  if (context->GetNodeAndRegistration(context, params->nodes_to_replace->data[0], &node, &registration) == OK)
    *complete = node->custom_initial_data_size > 0;
  return complete;
}

static void kernel_free(Context* context, void* kernel) {
  (void)context;
  free(kernel);
}

static int kernel_prepare(Context* context, Node* node) {
  Control now = control();
  misbehave(&now, "prepare");
  if (now.fail_prepare || now.devices == 0 || !node->user_data || !*(int*)node->user_data) {
    context->ReportError(context, "Failed to prepare for TPU. Missing raw model data.");
    return ERROR;
  }
  return OK;
}

static int kernel_invoke(Context* context, Node* node) {
  Control now = control();
  if (++invocations == now.crash_after) now.crash = 1;
  misbehave(&now, "invoke");
  if (now.delay_us) usleep((useconds_t)now.delay_us);
  if (now.fail_invoke || now.devices == 0) {
    context->ReportError(context, "Failed to execute request. The device is gone.");
    return ERROR;
  }
  uint64_t asked = 0, place = 0;
  for (int i = 0; i < node->inputs->size; i++) {
    Tensor* tensor = &context->tensors[node->inputs->data[i]];
    asked = hash(asked, &place, tensor->data, tensor->bytes);
  }
  if (!look_up(context, node->outputs, asked, now.answers)) invent(context, node->outputs, asked);
  return OK;
}

static int take_over(Context* context, Delegate* delegate) {
  IntArray* plan;
  if (context->GetExecutionPlan(context, &plan) != OK) return ERROR;
  IntArray* nodes = malloc(sizeof(IntArray) + (size_t)plan->size * sizeof(int)); /* the plan is used again */
  nodes->size = plan->size;
  memcpy(nodes->data, plan->data, (size_t)plan->size * sizeof(int));
  Registration kernel = {.init = kernel_init, .free = kernel_free, .prepare = kernel_prepare, .invoke = kernel_invoke,
                         .builtin_code = DELEGATE_CODE, .custom_name = "EdgeTpuDelegateForCustomOp", .version = 1};
  int status = OK;
  IntArray* one = malloc(sizeof(IntArray) + sizeof(int));
  one->size = 1;
  for (int i = 0; status == OK && i < nodes->size; i++) {
    Node* node;
    Registration* registration;
    status = context->GetNodeAndRegistration(context, nodes->data[i], &node, &registration);
    if (status != OK || !registration->custom_name || strcmp(registration->custom_name, "edgetpu-custom-op")) continue;
    one->data[0] = nodes->data[i];
    status = context->ReplaceNodeSubsetsWithDelegateKernels(context, kernel, one, delegate);
  }
  free(one);
  free(nodes);
  return status;
}

static bool matches(const char* device, long devices) {
  if (!*device || !strcmp(device, "usb")) return true;
  const char* index = !strncmp(device, "usb:", 4) ? device + 4 : *device == ':' ? device + 1 : NULL;
  return index && *index >= '0' && *index <= '9' && atol(index) < devices;
}

Delegate* tflite_plugin_create_delegate(char** keys, char** values, size_t count, void (*report)(const char*)) {
  Control now = control();
  misbehave(&now, "create");
  for (size_t i = 0; i < count; i++) {
    if (!strcmp(keys[i], "device")) {
      if (!matches(values[i], now.devices)) return NULL;
    } else if (strcmp(keys[i], "Performance") && strncmp(keys[i], "Usb.", 4)) {
      report("unknown option: ");
      report(keys[i]);
      return NULL;
    }
  }
  if (now.devices == 0 || !now.openable) return NULL;
  Delegate* delegate = calloc(1, sizeof *delegate);
  delegate->Prepare = take_over;
  delegate->flags = ALLOW_DYNAMIC_TENSORS;
  return delegate;
}

void tflite_plugin_destroy_delegate(Delegate* delegate) { free(delegate); }

const char* edgetpu_version(void) {
  static char version[256];
  Control now = control();
  memcpy(version, now.version, sizeof version);
  return version;
}

Device* edgetpu_list_devices(size_t* count) {
  Control now = control();
  misbehave(&now, "list");
  *count = (size_t)now.devices;
  if (now.devices == 0) return NULL;
  const size_t length = 48;
  Device* devices = malloc((size_t)now.devices * (sizeof(Device) + length));
  char* paths = (char*)(devices + now.devices);
  for (long i = 0; i < now.devices; i++) {
    snprintf(paths + (size_t)i * length, length, "/sys/bus/usb/devices/2-%ld", i + 1);
    devices[i] = (Device){.type = 1, .path = paths + (size_t)i * length};
  }
  return devices;
}

void edgetpu_free_devices(Device* devices) { free(devices); }
