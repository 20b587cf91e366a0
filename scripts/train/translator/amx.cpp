// One process's forward and backward pass of the Marian network on an x86 core with AMX.
//
// Activations are bfloat16, gradients of weights float32, sums float32. Rows are the pieces of all sentences of a
// batch, end to end without padding between them; only at the end a few rows are added to make a multiple of 32.
// A matrix of activations is stored in blocks of 32 x 32, each contiguous: two AMX tiles of 16 rows and 64 bytes.
// So a layer's output is the next one's left operand as it stands. Right operands are packed once a step: pairs of
// rows side by side, as TDPBF16PS wants them.
//
// `amx.py` is the other side: it holds the parameters, and its test compares every gradient with PyTorch's.

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace {

typedef uint16_t half;  // bfloat16

constexpr int BLOCK = 32;
constexpr int SQUARE = BLOCK * BLOCK;
constexpr int HEAD = 64;       // columns of a head of attention
constexpr int LONGEST = 160;   // pieces of a sentence
constexpr float EPSILON = 1e-5f;

int rounded(int n, int to) { return (n + to - 1) / to * to; }

template <class T>
struct Buffer {
  T* data = nullptr;
  size_t size = 0;
  explicit Buffer(size_t n = 0) { if (n) resize(n); }
  Buffer(const Buffer&) = delete;
  Buffer(Buffer&& other) noexcept : data(other.data), size(other.size) { other.data = nullptr; }
  ~Buffer() { free(data); }
  void resize(size_t n) {
    if (n <= size) return;
    free(data);
    size = n;
    data = static_cast<T*>(aligned_alloc(4096, (n * sizeof(T) + 4095) / 4096 * 4096));
    memset(data, 0, n * sizeof(T));
  }
  operator T*() { return data; }
};

// ---------------------------------------------------------------- numbers

__m512 widen(__m256i h) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(h), 16)); }
__m512 low(__m512i v) { return widen(_mm512_castsi512_si256(v)); }
__m512 high(__m512i v) { return widen(_mm512_extracti64x4_epi64(v, 1)); }
__m512i narrow(__m512 a, __m512 b) { return (__m512i)_mm512_cvtne2ps_pbh(b, a); }
__m512i load(const half* p) { return _mm512_loadu_si512(p); }
void store(half* p, __m512i v) { _mm512_storeu_si512(p, v); }

// e^x for x <= 88, relative error below 2e-7: 2^n times a polynomial of degree 5.
__m512 exponential(__m512 x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-87.f));
  __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), 0);
  x = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  x = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), x);
  __m512 y = _mm512_set1_ps(1.9875691500e-4f);
  y = _mm512_fmadd_ps(y, x, _mm512_set1_ps(1.3981999507e-3f));
  y = _mm512_fmadd_ps(y, x, _mm512_set1_ps(8.3334519073e-3f));
  y = _mm512_fmadd_ps(y, x, _mm512_set1_ps(4.1665795894e-2f));
  y = _mm512_fmadd_ps(y, x, _mm512_set1_ps(1.6666665459e-1f));
  y = _mm512_fmadd_ps(y, x, _mm512_set1_ps(5.0000001201e-1f));
  y = _mm512_fmadd_ps(y, _mm512_mul_ps(x, x), _mm512_add_ps(x, _mm512_set1_ps(1.f)));
  return _mm512_scalef_ps(y, n);
}

// ---------------------------------------------------------------- blocks

half* at(half* m, int columns, int row, int column) {
  return m + (size_t)(row / BLOCK) * BLOCK * columns + (column / BLOCK) * SQUARE + (row % BLOCK) * BLOCK + column % BLOCK;
}

void transpose16(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 8; i++) {
    t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 4; i++) {
    r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
  }
}

// Rows a and b of 32 numbers as two rows of 16 pairs.
void interleave(__m512i a, __m512i b, __m512i& first, __m512i& second) {
  static const __m512i lower = [] {
    alignas(64) uint16_t v[32];
    for (int i = 0; i < 16; i++) v[2 * i] = i, v[2 * i + 1] = 32 + i;
    return _mm512_load_si512(v);
  }();
  static const __m512i upper = [] {
    alignas(64) uint16_t v[32];
    for (int i = 0; i < 16; i++) v[2 * i] = 16 + i, v[2 * i + 1] = 48 + i;
    return _mm512_load_si512(v);
  }();
  first = _mm512_permutex2var_epi16(a, lower, b);
  second = _mm512_permutex2var_epi16(a, upper, b);
}

// A square as a right operand whose rows are summed over: [2 tiles of columns][16 pairs of rows][16 columns][2].
void as_right(const half* square, int stride, half* out) {
  for (int p = 0; p < 16; p++) {
    __m512i first, second;
    interleave(load(square + 2 * p * stride), load(square + (2 * p + 1) * stride), first, second);
    store(out + p * BLOCK, first);
    store(out + SQUARE / 2 + p * BLOCK, second);
  }
}

// The transposed square: [32 columns][32 rows].
void transposed(const half* square, int stride, half* out) {
  __m512i first[16], second[16];
  for (int p = 0; p < 16; p++)
    interleave(load(square + 2 * p * stride), load(square + (2 * p + 1) * stride), first[p], second[p]);
  transpose16(first);
  transpose16(second);
  for (int p = 0; p < 16; p++) store(out + p * BLOCK, first[p]), store(out + (16 + p) * BLOCK, second[p]);
}

// Sixteen rows as a right operand whose columns are summed over: [16 pairs of columns][16 rows][2].
void as_transposed_right(const half* const rows[16], half* out) {
  __m512i r[16];
  for (int i = 0; i < 16; i++) r[i] = load(rows[i]);
  transpose16(r);
  for (int i = 0; i < 16; i++) store(out + i * BLOCK, r[i]);
}

// ---------------------------------------------------------------- products

struct __attribute__((packed)) TileShapes {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// `meanwhile(step)` is work for the core's other units while the tiles multiply.
template <class Meanwhile>
inline void multiply(const half* a, const half* b, int steps, Meanwhile meanwhile) {
  for (int s = 0; s < steps; s++, a += SQUARE, b += SQUARE) {
    _tile_loadd(4, a, 64);
    _tile_loadd(6, b, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + SQUARE / 2, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a + SQUARE / 2, 64);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
    meanwhile(s);
  }
}

inline void zero_tiles() { _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3); }

inline void store_tiles(float* c, int stride) {
  _tile_stored(0, c, stride * 4);
  _tile_stored(1, c + 16, stride * 4);
  _tile_stored(2, c + 16 * stride, stride * 4);
  _tile_stored(3, c + 16 * stride + 16, stride * 4);
}

inline void load_tiles(const float* c, int stride) {
  _tile_loadd(0, c, stride * 4);
  _tile_loadd(1, c + 16, stride * 4);
  _tile_loadd(2, c + 16 * stride, stride * 4);
  _tile_loadd(3, c + 16 * stride + 16, stride * 4);
}

// a b for `rows` rows; `b` is packed by blocks of columns: [columns / 32][inner / 32][square].
// `finish(row, column, r, sums)` takes row r of the square of sums at a row and a column; the next square's product
// goes on meanwhile, and what comes after it is fetched.
template <class Finish>
void product(const half* a, const half* b, int rows, int inner, int columns, Finish finish) {
  alignas(64) static float sums[2][SQUARE];
  const int steps = inner / BLOCK, each = (BLOCK + steps - 1) / steps;
  const int chunk = std::max(BLOCK, (256 * 1024 / inner) / BLOCK * BLOCK);
  int last_row = -1, last_column = 0, turn = 0;
  for (int low = 0; low < rows; low += chunk) {
    const int end = std::min(rows, low + chunk);
    const int lines = (inner * BLOCK * (int)sizeof(half) / 64 * BLOCK / (end - low) + steps - 1) / steps;
    for (int column = 0; column < columns; column += BLOCK) {
      const char* next = (const char*)(b + (size_t)(column + BLOCK < columns ? column + BLOCK : 0) * inner);
      for (int row = low; row < end; row += BLOCK) {
        const float* before = sums[turn ^ 1];
        const bool fresh = column == 0 && row + BLOCK < end;
        const char* after = (const char*)(a + (size_t)(row + BLOCK) * inner);
        zero_tiles();
        multiply(a + (size_t)row * inner, b + (size_t)column * inner, steps, [&](int s) {
          for (int i = 0; i < lines; i++, next += 64) _mm_prefetch(next, _MM_HINT_T1);
          if (fresh)
            for (int i = 0; i < BLOCK; i++) _mm_prefetch(after + (s * BLOCK + i) * 64, _MM_HINT_T1);
          if (last_row >= 0)
            for (int r = s * each; r < std::min(BLOCK, (s + 1) * each); r++) finish(last_row, last_column, r, before + r * BLOCK);
        });
        store_tiles(sums[turn], BLOCK);
        turn ^= 1, last_row = row, last_column = column;
      }
    }
  }
  for (int r = 0; r < BLOCK; r++) finish(last_row, last_column, r, sums[turn ^ 1] + r * BLOCK);
}

void linear(const half* a, const half* b, const float* bias, half* out, int rows, int inner, int columns, bool relu) {
  const __m512 least = _mm512_set1_ps(relu ? 0.f : -INFINITY);
  product(a, b, rows, inner, columns, [&](int row, int column, int r, const float* sums) {
    __m512 x = _mm512_add_ps(_mm512_load_ps(sums), _mm512_loadu_ps(bias + column));
    __m512 y = _mm512_add_ps(_mm512_load_ps(sums + 16), _mm512_loadu_ps(bias + column + 16));
    store(at(out, columns, row, column) + r * BLOCK, narrow(_mm512_max_ps(x, least), _mm512_max_ps(y, least)));
  });
}

enum class Into { new_place, sum, where_positive };

// The gradient of a linear layer's input. `out` is written, added to, or written where `out` itself is positive
// (it holds what came out of the ReLU) and zero elsewhere.
void linear_input(const half* a, const half* b, half* out, int rows, int inner, int columns, Into into) {
  product(a, b, rows, inner, columns, [&](int row, int column, int r, const float* sums) {
    half* to = at(out, columns, row, column) + r * BLOCK;
    __m512 x = _mm512_load_ps(sums), y = _mm512_load_ps(sums + 16);
    if (into == Into::sum) {
      __m512i old = load(to);
      x = _mm512_add_ps(x, low(old));
      y = _mm512_add_ps(y, high(old));
    }
    __m512i v = narrow(x, y);
    if (into == Into::where_positive) v = _mm512_maskz_mov_epi16(_mm512_cmpgt_epi16_mask(load(to), _mm512_setzero_si512()), v);
    store(to, v);
  });
}

// gradient[n][k] += sum over rows of g[row][n] x[row][k].
void linear_weight(const half* g, const half* x, float* gradient, int rows, int n, int k) {
  constexpr int ROWS = 512, SLICE = 512;  // a slice of so many rows and the lines of another stay in the second cache
  static Buffer<half> left, right;
  left.resize((size_t)ROWS * n);
  right.resize((size_t)ROWS * k);
  for (int low = 0; low < rows; low += ROWS) {
    const int steps = std::min(ROWS, rows - low) / BLOCK;
    for (int s = 0; s < steps; s++) {
      const size_t row = low + s * BLOCK;
      for (int i = 0; i < n / BLOCK; i++) transposed(g + row * n + i * SQUARE, BLOCK, left + ((size_t)i * steps + s) * SQUARE);
      for (int j = 0; j < k / BLOCK; j++) as_right(x + row * k + j * SQUARE, BLOCK, right + ((size_t)j * steps + s) * SQUARE);
    }
    for (int k0 = 0; k0 < k; k0 += SLICE)
      for (int i = 0; i < n; i += BLOCK)
        for (int j = k0; j < std::min(k, k0 + SLICE); j += BLOCK) {
          float* to = gradient + (size_t)i * k + j;
          const bool beside = j + BLOCK < std::min(k, k0 + SLICE);
          const char* next = (const char*)(beside ? to + BLOCK : to + (size_t)BLOCK * k - (j - k0));
          const bool inside = beside || i + BLOCK < n;
          const char* line = (const char*)(left + (size_t)std::min(i + BLOCK, n - BLOCK) * steps * BLOCK);
          const int lines = std::max(1, steps * SQUARE * (int)sizeof(half) / 64 / (std::min(SLICE, k - k0) / BLOCK) / steps);
          line += (size_t)(j - k0) / BLOCK * steps * lines * 64;
          load_tiles(to, k);
          multiply(left + (size_t)i * steps * BLOCK, right + (size_t)j * steps * BLOCK, steps, [&](int s) {
            for (int l = 0; l < lines; l++, line += 64) _mm_prefetch(line, _MM_HINT_T1);
            if (inside)
              for (int r = s * 2; r < std::min(BLOCK, s * 2 + 2); r++)
                for (int half_line = 0; half_line < 2; half_line++) _mm_prefetch(next + (size_t)r * k * 4 + half_line * 64, _MM_HINT_T0);
          });
          store_tiles(to, k);
        }
  }
}

void column_sums(const half* g, float* gradient, int rows, int columns) {
  for (int column = 0; column < columns; column += BLOCK) {
    __m512 x = _mm512_loadu_ps(gradient + column), y = _mm512_loadu_ps(gradient + column + 16);
    for (int row = 0; row < rows; row += BLOCK) {
      const half* from = g + (size_t)row * columns + column * BLOCK;
      for (int r = 0; r < BLOCK; r++) {
        __m512i v = load(from + r * BLOCK);
        x = _mm512_add_ps(x, low(v));
        y = _mm512_add_ps(y, high(v));
      }
    }
    _mm512_storeu_ps(gradient + column, x);
    _mm512_storeu_ps(gradient + column + 16, y);
  }
}

// A weight matrix [n][k] as the right operand of the forward product, and of that for the input's gradient.
void pack(const float* const* rows, int n, int k, half* forward, half* backward) {
  alignas(64) half square[SQUARE];
  for (int i = 0; i < n; i += BLOCK)
    for (int j = 0; j < k; j += BLOCK) {
      for (int r = 0; r < BLOCK; r++) {
        const float* from = rows[i + r] ? rows[i + r] + j : nullptr;
        store(square + r * BLOCK, from ? narrow(_mm512_loadu_ps(from), _mm512_loadu_ps(from + 16)) : _mm512_setzero_si512());
      }
      half* to = forward + (size_t)i * k + j * BLOCK;
      for (int tile = 0; tile < 2; tile++) {
        const half* lines[16];
        for (int r = 0; r < 16; r++) lines[r] = square + (tile * 16 + r) * BLOCK;
        as_transposed_right(lines, to + tile * SQUARE / 2);
      }
      as_right(square, BLOCK, backward + (size_t)j * n + i * BLOCK);
    }
}

// ---------------------------------------------------------------- normalisation

struct Norm {
  Buffer<half> sum;  // what is normalised
  Buffer<float> mean, scale;
};

void norm_forward(const half* added, const half* states, const float* gain, const float* bias, Norm& norm, half* out,
                  int rows, int width) {
  alignas(64) float x[2048];
  for (int row = 0; row < rows; row++) {
    const size_t start = (size_t)(row / BLOCK) * BLOCK * width + row % BLOCK * BLOCK;
    __m512 total = _mm512_setzero_ps(), squares = _mm512_setzero_ps();
    for (int c = 0; c < width; c += BLOCK) {
      const size_t i = start + (size_t)c * BLOCK;
      __m512i a = load(added + i), b = load(states + i);
      __m512i s = narrow(_mm512_add_ps(low(a), low(b)), _mm512_add_ps(high(a), high(b)));
      store(norm.sum + i, s);
      __m512 u = low(s), v = high(s);
      _mm512_store_ps(x + c, u);
      _mm512_store_ps(x + c + 16, v);
      total = _mm512_add_ps(total, _mm512_add_ps(u, v));
    }
    const float mean = _mm512_reduce_add_ps(total) / width;
    const __m512 m = _mm512_set1_ps(mean);
    for (int c = 0; c < width; c += 16) {
      __m512 d = _mm512_sub_ps(_mm512_load_ps(x + c), m);
      squares = _mm512_fmadd_ps(d, d, squares);
    }
    const float scale = 1.f / std::sqrt(_mm512_reduce_add_ps(squares) / width + EPSILON);
    norm.mean[row] = mean;
    norm.scale[row] = scale;
    const __m512 s = _mm512_set1_ps(scale);
    for (int c = 0; c < width; c += BLOCK) {
      __m512 u = _mm512_mul_ps(_mm512_sub_ps(_mm512_load_ps(x + c), m), s);
      __m512 v = _mm512_mul_ps(_mm512_sub_ps(_mm512_load_ps(x + c + 16), m), s);
      u = _mm512_fmadd_ps(u, _mm512_loadu_ps(gain + c), _mm512_loadu_ps(bias + c));
      v = _mm512_fmadd_ps(v, _mm512_loadu_ps(gain + c + 16), _mm512_loadu_ps(bias + c + 16));
      store(out + start + (size_t)c * BLOCK, narrow(u, v));
    }
  }
}

// `g` becomes the gradient of the sum that was normalised.
void norm_backward(half* g, Norm& norm, const float* gain, float* gain_gradient, float* bias_gradient, int rows, int width) {
  alignas(64) float x[2048], d[2048], gains[2048] = {}, biases[2048] = {};
  for (int row = 0; row < rows; row++) {
    const size_t start = (size_t)(row / BLOCK) * BLOCK * width + row % BLOCK * BLOCK;
    const __m512 m = _mm512_set1_ps(norm.mean[row]), s = _mm512_set1_ps(norm.scale[row]);
    __m512 first = _mm512_setzero_ps(), second = _mm512_setzero_ps();
    for (int c = 0; c < width; c += BLOCK) {
      const size_t i = start + (size_t)c * BLOCK;
      __m512i sum = load(norm.sum + i), given = load(g + i);
      for (int part = 0; part < 2; part++) {
        const int at = c + 16 * part;
        __m512 u = _mm512_mul_ps(_mm512_sub_ps(part ? high(sum) : low(sum), m), s);
        __m512 v = part ? high(given) : low(given);
        _mm512_store_ps(gains + at, _mm512_fmadd_ps(u, v, _mm512_load_ps(gains + at)));
        _mm512_store_ps(biases + at, _mm512_add_ps(v, _mm512_load_ps(biases + at)));
        v = _mm512_mul_ps(v, _mm512_loadu_ps(gain + at));
        first = _mm512_add_ps(first, v);
        second = _mm512_fmadd_ps(u, v, second);
        _mm512_store_ps(x + at, u);
        _mm512_store_ps(d + at, v);
      }
    }
    const __m512 a = _mm512_set1_ps(_mm512_reduce_add_ps(first) / width);
    const __m512 b = _mm512_set1_ps(_mm512_reduce_add_ps(second) / width);
    for (int c = 0; c < width; c += BLOCK) {
      __m512 out[2];
      for (int part = 0; part < 2; part++) {
        const int at = c + 16 * part;
        __m512 v = _mm512_sub_ps(_mm512_load_ps(d + at), a);
        out[part] = _mm512_mul_ps(_mm512_fnmadd_ps(_mm512_load_ps(x + at), b, v), s);
      }
      store(g + start + (size_t)c * BLOCK, narrow(out[0], out[1]));
    }
  }
  for (int c = 0; c < width; c++) gain_gradient[c] += gains[c], bias_gradient[c] += biases[c];
}

// ---------------------------------------------------------------- attention

// Small products in scratch memory: c = a b, `a` in rows of `stride`, `b` as [steps][tiles][16][16][2].
void small_product(const half* a, int stride, const half* b, int row_tiles, int column_tiles, int steps, float* c, int out) {
  for (int i = 0; i < row_tiles; i++) {
    int j = 0;
    for (; j + 1 < column_tiles; j += 2) {
      _tile_zero(0);
      _tile_zero(1);
      for (int s = 0; s < steps; s++) {
        _tile_loadd(4, a + i * 16 * stride + s * BLOCK, stride * 2);
        _tile_loadd(6, b + (s * column_tiles + j) * SQUARE / 2, 64);
        _tile_loadd(7, b + (s * column_tiles + j + 1) * SQUARE / 2, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
      }
      _tile_stored(0, c + i * 16 * out + j * 16, out * 4);
      _tile_stored(1, c + i * 16 * out + j * 16 + 16, out * 4);
    }
    if (j < column_tiles) {
      _tile_zero(2);
      for (int s = 0; s < steps; s++) {
        _tile_loadd(5, a + i * 16 * stride + s * BLOCK, stride * 2);
        _tile_loadd(6, b + (s * column_tiles + j) * SQUARE / 2, 64);
        _tile_dpbf16ps(2, 5, 6);
      }
      _tile_stored(2, c + i * 16 * out + j * 16, out * 4);
    }
  }
}

// Where a head's rows stand: the first of a sentence's, and its first column.
struct Place {
  half* data;
  int columns, row, column;
  half* line(int i, int part) const { return at(data, columns, row + i, column + part * BLOCK); }
};

struct Head {
  alignas(64) half rows[LONGEST * HEAD];           // [n][64]
  alignas(64) half right[LONGEST * HEAD];          // rows summed over
  alignas(64) half transposed_right[LONGEST * HEAD];  // columns summed over

  void take(const Place& place, int n) {
    const int whole = rounded(n, BLOCK);
    for (int i = 0; i < n; i++)
      for (int part = 0; part < 2; part++) store(rows + i * HEAD + part * BLOCK, load(place.line(i, part)));
    memset(rows + n * HEAD, 0, (whole - n) * HEAD * sizeof(half));
  }
  void make_right(int n) {
    for (int i = 0; i < rounded(n, BLOCK); i += BLOCK)
      for (int part = 0; part < 2; part++)
        as_right(rows + i * HEAD + part * BLOCK, HEAD, right + i * HEAD + part * SQUARE);
  }
  void make_transposed_right(int n) {
    const int tiles = rounded(n, 16) / 16;
    for (int part = 0; part < 2; part++)
      for (int tile = 0; tile < tiles; tile++) {
        const half* lines[16];
        for (int r = 0; r < 16; r++) lines[r] = rows + (tile * 16 + r) * HEAD + part * BLOCK;
        as_transposed_right(lines, transposed_right + (part * tiles + tile) * SQUARE / 2);
      }
  }
};

void put(const float* c, int n, const float* scale, const Place& place) {
  for (int i = 0; i < n; i++) {
    const __m512 s = _mm512_set1_ps(scale ? scale[i] : 1.f);
    for (int part = 0; part < 2; part++) {
      const float* from = c + i * HEAD + part * BLOCK;
      store(place.line(i, part), narrow(_mm512_mul_ps(_mm512_load_ps(from), s), _mm512_mul_ps(_mm512_load_ps(from + 16), s)));
    }
  }
}

void transpose_squares(const half* from, int n, int m, half* to) {  // [n][m] to [m][n], both multiples of 32
  alignas(64) half square[SQUARE];
  for (int i = 0; i < n; i += BLOCK)
    for (int j = 0; j < m; j += BLOCK) {
      transposed(from + i * m + j, m, square);
      for (int r = 0; r < BLOCK; r++) store(to + (j + r) * n + i, load(square + r * BLOCK));
    }
}

struct Attention {
  Head q, k, v, g;
  alignas(64) float scores[LONGEST * LONGEST], given[LONGEST * LONGEST], out[LONGEST * HEAD];
  alignas(64) half chances[LONGEST * LONGEST], deltas[LONGEST * LONGEST], turned[LONGEST * LONGEST];

  // Scores of the queries against the keys, before scaling.
  void score(int n, int m) {
    k.make_transposed_right(m);
    small_product(q.rows, HEAD, k.transposed_right, rounded(n, 16) / 16, rounded(m, 16) / 16, 2, scores, rounded(m, BLOCK));
  }

  void forward(const Place& query, const Place& key, const Place& value, const Place& result, int n, int m, bool causal,
               float* logs) {
    const float factor = 1 / std::sqrt((float)HEAD);
    const int wide = rounded(m, BLOCK), tall = rounded(n, BLOCK);
    q.take(query, n), k.take(key, m), v.take(value, m);
    score(n, m);
    float inverse[LONGEST];
    memset(chances + n * wide, 0, (tall - n) * wide * sizeof(half));
    for (int i = 0; i < n; i++) {
      const int last = causal ? i + 1 : m;
      float* row = scores + i * wide;
      __m512 most = _mm512_set1_ps(-INFINITY);
      for (int j = 0; j < last; j += 16) {
        const __mmask16 in = last - j >= 16 ? 0xffff : (1 << (last - j)) - 1;
        most = _mm512_mask_max_ps(most, in, most, _mm512_load_ps(row + j));
      }
      const float top = _mm512_reduce_max_ps(most) * factor;
      __m512 total = _mm512_setzero_ps();
      for (int j = 0; j < wide; j += BLOCK) {
        __m512 e[2];
        for (int part = 0; part < 2; part++) {
          const int left = last - j - part * 16;
          const __mmask16 in = left >= 16 ? 0xffff : left <= 0 ? 0 : (1 << left) - 1;
          __m512 x = _mm512_maskz_loadu_ps(in, row + j + part * 16);
          e[part] = _mm512_maskz_mov_ps(in, exponential(_mm512_fmsub_ps(x, _mm512_set1_ps(factor), _mm512_set1_ps(top))));
          total = _mm512_add_ps(total, e[part]);
        }
        store(chances + i * wide + j, narrow(e[0], e[1]));
      }
      const float sum = _mm512_reduce_add_ps(total);
      inverse[i] = 1 / sum;
      logs[i] = top + std::log(sum);
    }
    v.make_right(m);
    small_product(chances, wide, v.right, tall / 16, HEAD / 16, wide / BLOCK, out, HEAD);
    put(out, n, inverse, result);
  }

  void backward(const Place& query, const Place& key, const Place& value, const Place& gradient, const Place& gq,
                const Place& gk, const Place& gv, int n, int m, bool causal, const float* logs) {
    const float factor = 1 / std::sqrt((float)HEAD);
    const int wide = rounded(m, BLOCK), tall = rounded(n, BLOCK);
    q.take(query, n), k.take(key, m), v.take(value, m), g.take(gradient, n);
    score(n, m);
    v.make_transposed_right(m);
    small_product(g.rows, HEAD, v.transposed_right, rounded(n, 16) / 16, rounded(m, 16) / 16, 2, given, wide);
    memset(chances + n * wide, 0, (tall - n) * wide * sizeof(half));
    memset(deltas + n * wide, 0, (tall - n) * wide * sizeof(half));
    for (int i = 0; i < n; i++) {
      const int last = causal ? i + 1 : m;
      float* row = scores + i * wide;
      const float* into = given + i * wide;
      __m512 total = _mm512_setzero_ps();
      for (int j = 0; j < wide; j += 16) {
        const int left = last - j;
        const __mmask16 in = left >= 16 ? 0xffff : left <= 0 ? 0 : (1 << left) - 1;
        __m512 x = _mm512_maskz_loadu_ps(in, row + j);
        x = _mm512_maskz_mov_ps(in, exponential(_mm512_fmsub_ps(x, _mm512_set1_ps(factor), _mm512_set1_ps(logs[i]))));
        _mm512_store_ps(row + j, x);
        total = _mm512_mask3_fmadd_ps(x, _mm512_maskz_loadu_ps(in, into + j), total, in);
      }
      const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(total));
      for (int j = 0; j < wide; j += BLOCK) {
        __m512 p[2], d[2];
        for (int part = 0; part < 2; part++) {
          const int at = j + part * 16, left = last - at;
          const __mmask16 in = left >= 16 ? 0xffff : left <= 0 ? 0 : (1 << left) - 1;
          p[part] = _mm512_load_ps(row + at);
          __m512 x = _mm512_sub_ps(_mm512_maskz_loadu_ps(in, into + at), mean);
          d[part] = _mm512_maskz_mul_ps(in, _mm512_mul_ps(p[part], x), _mm512_set1_ps(factor));
        }
        store(chances + i * wide + j, narrow(p[0], p[1]));
        store(deltas + i * wide + j, narrow(d[0], d[1]));
      }
    }
    k.make_right(m);
    small_product(deltas, wide, k.right, tall / 16, HEAD / 16, wide / BLOCK, out, HEAD);
    put(out, n, nullptr, gq);
    g.make_right(n);
    transpose_squares(chances, tall, wide, turned);
    small_product(turned, tall, g.right, wide / 16, HEAD / 16, tall / BLOCK, out, HEAD);
    put(out, m, nullptr, gv);
    q.make_right(n);
    transpose_squares(deltas, tall, wide, turned);
    small_product(turned, tall, q.right, wide / 16, HEAD / 16, tall / BLOCK, out, HEAD);
    put(out, m, nullptr, gk);
  }
};

// ---------------------------------------------------------------- network

struct Linear {
  int n, k;
  size_t weight, bias, packed;  // where they begin among the parameters, and among the packed ones
};

struct Normed {
  size_t gain, bias;
};

struct Layer {
  Linear qkv, out, cross_q, cross_kv, cross_out, inner, outer;
  Normed self_norm, cross_norm, last_norm;
};

// What a layer keeps of the forward pass.
struct Kept {
  Buffer<half> qkv, mixed, after_self, q, kv, cross_mixed, after_cross, hidden, states;
  Norm self, cross, last;
  Buffer<float> logs, cross_logs;
};

// Pieces of one side of a batch: sentence s has those from starts[s] up to starts[s + 1].
struct Side {
  const int32_t* pieces;
  const int32_t* starts;
  int sentences;
  int count() const { return starts[sentences]; }
  int rows() const { return rounded(std::max(count(), 1), BLOCK); }
};

class Engine {
 public:
  const int width, heads, inner, vocabulary;
  float *parameters, *gradients;
  half* packed;
  const float* positions;
  std::vector<Layer> encoder, decoder;
  std::vector<Kept> encoder_kept, decoder_kept;
  size_t size = 0, packed_size = 0;

  Engine(int width, int heads, int inner, int encoders, int decoders, int vocabulary)
      : width(width), heads(heads), inner(inner), vocabulary(vocabulary), encoder(encoders), decoder(decoders),
        encoder_kept(encoders), decoder_kept(decoders) {
    size = (size_t)vocabulary * width;
    for (auto& layer : encoder) place(layer, false);
    for (auto& layer : decoder) place(layer, true);
  }

  template <class Each>
  void each_linear(Each each) {
    for (auto* layers : {&encoder, &decoder})
      for (auto& layer : *layers)
        for (auto* linear : {&layer.qkv, &layer.out, &layer.cross_q, &layer.cross_kv, &layer.cross_out, &layer.inner, &layer.outer})
          if (linear->n) each(*linear);
  }

  void pack_weights(int part, int parts) {
    int number = 0;
    each_linear([&](Linear& l) {
      if (number++ % parts != part) return;
      std::vector<const float*> rows(l.n);
      for (int i = 0; i < l.n; i++) rows[i] = parameters + l.weight + (size_t)i * l.k;
      pack(rows.data(), l.n, l.k, packed + l.packed, packed + l.packed + (size_t)l.n * l.k);
    });
  }

  // Adds the gradients of the loss summed over the target's pieces; returns that sum without smoothing.
  // `target` begins with what the decoder is started with; `places` says which candidate follows each piece.
  double step(Side source, Side target, const int32_t* places, const int32_t* candidates, int count, int sure,
              float share, float spread, float smoothing) {
    static const TileShapes shapes;
    _tile_loadconfig(&shapes);  // other libraries in the process have shapes of their own
    const int s = source.rows(), t = target.rows();
    embed(source, source_states);
    const half* memory = source_states;
    for (size_t i = 0; i < encoder.size(); i++) {
      half* in = i ? encoder_kept[i - 1].states.data : source_states.data;
      attend_self(encoder[i], encoder_kept[i], in, source, false);
      feed_forward(encoder[i], encoder_kept[i], encoder_kept[i].after_self, s);
      memory = encoder_kept[i].states;
    }
    embed(target, target_states);
    for (size_t i = 0; i < decoder.size(); i++) {
      half* in = i ? decoder_kept[i - 1].states.data : target_states.data;
      attend_self(decoder[i], decoder_kept[i], in, target, true);
      attend_cross(decoder[i], decoder_kept[i], memory, source, target);
      feed_forward(decoder[i], decoder_kept[i], decoder_kept[i].after_cross, t);
    }
    gradient.resize((size_t)t * width);
    const double loss = score(decoder_kept.back().states, target.count(), t, places, candidates, count, sure, share, spread, smoothing);

    memory_gradient.resize((size_t)s * width);
    memset(memory_gradient, 0, (size_t)s * width * sizeof(half));
    for (size_t i = decoder.size(); i-- > 0;) {
      half* in = i ? decoder_kept[i - 1].states.data : target_states.data;
      feed_forward_back(decoder[i], decoder_kept[i], decoder_kept[i].after_cross, gradient, t);
      attend_cross_back(decoder[i], decoder_kept[i], memory, source, target);
      attend_self_back(decoder[i], decoder_kept[i], in, gradient, target, true);
    }
    embed_back(target, gradient);
    for (size_t i = encoder.size(); i-- > 0;) {
      half* in = i ? encoder_kept[i - 1].states.data : source_states.data;
      feed_forward_back(encoder[i], encoder_kept[i], encoder_kept[i].after_self, memory_gradient, s);
      attend_self_back(encoder[i], encoder_kept[i], in, memory_gradient, source, false);
    }
    embed_back(source, memory_gradient);
    return loss;
  }

 private:
  Buffer<half> source_states, target_states, gradient, memory_gradient, added, wide_gradient, key_gradient, hidden_gradient;
  Buffer<half> output_forward, output_backward, chances;
  Buffer<float> logits, output_gradient;
  std::unique_ptr<Attention> attention{new Attention};

  Linear linear_at(int n, int k) {
    Linear l{n, k, size, size + (size_t)n * k, packed_size};
    size += (size_t)n * k + n;
    packed_size += 2 * (size_t)n * k;
    return l;
  }
  Normed norm_at() {
    Normed norm{size, size + width};
    size += 2 * width;
    return norm;
  }
  void place(Layer& layer, bool cross) {
    layer = Layer{};
    layer.qkv = linear_at(3 * width, width);
    layer.out = linear_at(width, width);
    layer.self_norm = norm_at();
    if (cross) {
      layer.cross_q = linear_at(width, width);
      layer.cross_kv = linear_at(2 * width, width);
      layer.cross_out = linear_at(width, width);
      layer.cross_norm = norm_at();
    }
    layer.inner = linear_at(inner, width);
    layer.outer = linear_at(width, inner);
    layer.last_norm = norm_at();
  }

  void embed(Side side, Buffer<half>& out) {
    out.resize((size_t)side.rows() * width);
    const __m512 root = _mm512_set1_ps(std::sqrt((float)width));
    for (int s = 0; s < side.sentences; s++)
      for (int row = side.starts[s]; row < side.starts[s + 1]; row++) {
        const float* from = parameters + (size_t)side.pieces[row] * width;
        const float* position = positions + (size_t)(row - side.starts[s]) * width;
        for (int c = 0; c < width; c += BLOCK)
          store(at(out, width, row, c),
                narrow(_mm512_fmadd_ps(_mm512_loadu_ps(from + c), root, _mm512_loadu_ps(position + c)),
                       _mm512_fmadd_ps(_mm512_loadu_ps(from + c + 16), root, _mm512_loadu_ps(position + c + 16))));
      }
    for (int row = side.count(); row < side.rows(); row++)
      for (int c = 0; c < width; c += BLOCK) store(at(out, width, row, c), _mm512_setzero_si512());
  }

  void embed_back(Side side, half* g) {
    const __m512 root = _mm512_set1_ps(std::sqrt((float)width));
    for (int row = 0; row < side.count(); row++) {
      if (side.pieces[row] == vocabulary - 1) continue;  // padding stays nothing
      float* to = gradients + (size_t)side.pieces[row] * width;
      for (int c = 0; c < width; c += BLOCK) {
        __m512i v = load(at(g, width, row, c));
        _mm512_storeu_ps(to + c, _mm512_fmadd_ps(low(v), root, _mm512_loadu_ps(to + c)));
        _mm512_storeu_ps(to + c + 16, _mm512_fmadd_ps(high(v), root, _mm512_loadu_ps(to + c + 16)));
      }
    }
  }

  void apply(const Linear& l, const half* in, Buffer<half>& out, int rows, bool relu = false) {
    out.resize((size_t)rows * l.n);
    linear(in, packed + l.packed, parameters + l.bias, out, rows, l.k, l.n, relu);
  }

  // From the gradient of a layer's output, those of its weights and of its input.
  void apply_back(const Linear& l, const half* in, const half* g, half* out, int rows, Into into) {
    linear_weight(g, in, gradients + l.weight, rows, l.n, l.k);
    column_sums(g, gradients + l.bias, rows, l.n);
    linear_input(g, packed + l.packed + (size_t)l.n * l.k, out, rows, l.n, l.k, into);
  }

  void normalise(const Normed& n, Norm& norm, const half* in, Buffer<half>& out, int rows) {
    norm.sum.resize((size_t)rows * width);
    norm.mean.resize(rows);
    norm.scale.resize(rows);
    out.resize((size_t)rows * width);
    norm_forward(added, in, parameters + n.gain, parameters + n.bias, norm, out, rows, width);
  }

  void normalise_back(const Normed& n, Norm& norm, half* g, int rows) {
    norm_backward(g, norm, parameters + n.gain, gradients + n.gain, gradients + n.bias, rows, width);
  }

  // Rows behind the last sentence take part in nothing but must hold numbers.
  void clear_rest(half* m, int columns, int count, int rows) {
    for (int row = count; row < rows; row++)
      for (int c = 0; c < columns; c += BLOCK) store(at(m, columns, row, c), _mm512_setzero_si512());
  }

  void attend_self(Layer& layer, Kept& kept, half* in, Side side, bool causal) {
    const int rows = side.rows();
    apply(layer.qkv, in, kept.qkv, rows);
    kept.mixed.resize((size_t)rows * width);
    kept.logs.resize((size_t)rows * heads);
    for (int s = 0; s < side.sentences; s++) {
      const int row = side.starts[s], n = side.starts[s + 1] - row;
      for (int h = 0; h < heads; h++)
        attention->forward({kept.qkv, 3 * width, row, h * HEAD}, {kept.qkv, 3 * width, row, width + h * HEAD},
                           {kept.qkv, 3 * width, row, 2 * width + h * HEAD}, {kept.mixed, width, row, h * HEAD}, n, n,
                           causal, kept.logs + (size_t)h * rows + row);
    }
    clear_rest(kept.mixed, width, side.count(), rows);
    apply(layer.out, kept.mixed, added, rows);
    normalise(layer.self_norm, kept.self, in, kept.after_self, rows);
  }

  void attend_self_back(Layer& layer, Kept& kept, half* in, half* g, Side side, bool causal) {
    const int rows = side.rows();
    normalise_back(layer.self_norm, kept.self, g, rows);
    added.resize((size_t)rows * width);
    apply_back(layer.out, kept.mixed, g, added, rows, Into::new_place);
    wide_gradient.resize((size_t)rows * 3 * width);
    for (int s = 0; s < side.sentences; s++) {
      const int row = side.starts[s], n = side.starts[s + 1] - row;
      for (int h = 0; h < heads; h++) {
        const int q = h * HEAD, k = width + q, v = 2 * width + q, w = 3 * width;
        attention->backward({kept.qkv, w, row, q}, {kept.qkv, w, row, k}, {kept.qkv, w, row, v}, {added, width, row, q},
                            {wide_gradient, w, row, q}, {wide_gradient, w, row, k}, {wide_gradient, w, row, v}, n, n,
                            causal, kept.logs + (size_t)h * rows + row);
      }
    }
    clear_rest(wide_gradient, 3 * width, side.count(), rows);
    apply_back(layer.qkv, in, wide_gradient, g, rows, Into::sum);
  }

  void attend_cross(Layer& layer, Kept& kept, const half* memory, Side source, Side target) {
    const int rows = target.rows();
    apply(layer.cross_q, kept.after_self, kept.q, rows);
    apply(layer.cross_kv, memory, kept.kv, source.rows());
    kept.cross_mixed.resize((size_t)rows * width);
    kept.cross_logs.resize((size_t)rows * heads);
    for (int s = 0; s < target.sentences; s++) {
      const int row = target.starts[s], n = target.starts[s + 1] - row;
      const int from = source.starts[s], m = source.starts[s + 1] - from;
      for (int h = 0; h < heads; h++)
        attention->forward({kept.q, width, row, h * HEAD}, {kept.kv, 2 * width, from, h * HEAD},
                           {kept.kv, 2 * width, from, width + h * HEAD}, {kept.cross_mixed, width, row, h * HEAD}, n, m,
                           false, kept.cross_logs + (size_t)h * rows + row);
    }
    clear_rest(kept.cross_mixed, width, target.count(), rows);
    apply(layer.cross_out, kept.cross_mixed, added, rows);
    normalise(layer.cross_norm, kept.cross, kept.after_self, kept.after_cross, rows);
  }

  void attend_cross_back(Layer& layer, Kept& kept, const half* memory, Side source, Side target) {
    const int rows = target.rows(), source_rows = source.rows();
    normalise_back(layer.cross_norm, kept.cross, gradient, rows);
    added.resize((size_t)rows * width);
    apply_back(layer.cross_out, kept.cross_mixed, gradient, added, rows, Into::new_place);
    wide_gradient.resize((size_t)rows * width);
    key_gradient.resize((size_t)source_rows * 2 * width);
    for (int s = 0; s < target.sentences; s++) {
      const int row = target.starts[s], n = target.starts[s + 1] - row;
      const int from = source.starts[s], m = source.starts[s + 1] - from;
      for (int h = 0; h < heads; h++) {
        const int q = h * HEAD, v = width + q, w = 2 * width;
        attention->backward({kept.q, width, row, q}, {kept.kv, w, from, q}, {kept.kv, w, from, v}, {added, width, row, q},
                            {wide_gradient, width, row, q}, {key_gradient, w, from, q}, {key_gradient, w, from, v}, n, m,
                            false, kept.cross_logs + (size_t)h * rows + row);
      }
    }
    clear_rest(wide_gradient, width, target.count(), rows);
    clear_rest(key_gradient, 2 * width, source.count(), source_rows);
    apply_back(layer.cross_q, kept.after_self, wide_gradient, gradient, rows, Into::sum);
    apply_back(layer.cross_kv, memory, key_gradient, memory_gradient, source_rows, Into::sum);
  }

  void feed_forward(Layer& layer, Kept& kept, half* in, int rows) {
    apply(layer.inner, in, kept.hidden, rows, true);
    apply(layer.outer, kept.hidden, added, rows);
    normalise(layer.last_norm, kept.last, in, kept.states, rows);
  }

  void feed_forward_back(Layer& layer, Kept& kept, half* in, half* g, int rows) {
    normalise_back(layer.last_norm, kept.last, g, rows);
    linear_weight(g, kept.hidden, gradients + layer.outer.weight, rows, layer.outer.n, layer.outer.k);
    column_sums(g, gradients + layer.outer.bias, rows, layer.outer.n);
    linear_input(g, packed + layer.outer.packed + (size_t)layer.outer.n * layer.outer.k, kept.hidden, rows, layer.outer.n,
                 layer.outer.k, Into::where_positive);
    apply_back(layer.inner, in, kept.hidden, g, rows, Into::sum);
  }

  // Cross-entropy over the candidates; its gradient is that of the label-smoothed loss.
  double score(const half* states, int pieces, int rows, const int32_t* places, const int32_t* candidates, int count,
               int sure, float share, float spread, float smoothing) {
    constexpr int CHUNK = 128;
    const int columns = rounded(count, BLOCK);
    output_forward.resize((size_t)columns * width);
    output_backward.resize((size_t)columns * width);
    std::vector<const float*> lines(columns, nullptr);
    for (int i = 0; i < count; i++) lines[i] = parameters + (size_t)candidates[i] * width;
    pack(lines.data(), columns, width, output_forward, output_backward);
    chances.resize((size_t)rows * columns);
    logits.resize((size_t)CHUNK * columns);
    const float more = std::log(share), spread_drawn = spread * share;
    double total = 0;
    for (int first = 0; first < rows; first += CHUNK) {
      const int some = std::min(CHUNK, rows - first);
      product(states + (size_t)first * width, output_forward, some, width, columns, [&](int row, int column, int r, const float* sums) {
        float* to = logits + (size_t)(row + r) * columns + column;
        _mm512_store_ps(to, _mm512_load_ps(sums));
        _mm512_store_ps(to + 16, _mm512_load_ps(sums + 16));
      });
      for (int r = 0; r < some; r++) {
        const int row = first + r;
        float* line = logits + (size_t)r * columns;
        if (row >= pieces) {
          for (int c = 0; c < columns; c += BLOCK) store(at(chances, columns, row, c), _mm512_setzero_si512());
          continue;
        }
        for (int c = sure; c < count; c++) line[c] += more;
        for (int c = count; c < columns; c++) line[c] = -1e30f;
        __m512 most = _mm512_load_ps(line), sum = _mm512_setzero_ps();
        for (int c = 16; c < columns; c += 16) most = _mm512_max_ps(most, _mm512_load_ps(line + c));
        const float top = _mm512_reduce_max_ps(most), wanted = line[places[row]];
        for (int c = 0; c < columns; c += 16) {
          __m512 e = exponential(_mm512_sub_ps(_mm512_load_ps(line + c), _mm512_set1_ps(top)));
          _mm512_store_ps(line + c, e);
          sum = _mm512_add_ps(sum, e);
        }
        const float all = _mm512_reduce_add_ps(sum);
        total += std::log(all) + top - wanted;
        const __m512 inverse = _mm512_set1_ps(1 / all);
        for (int c = 0; c < columns; c += BLOCK) {
          __m512 x[2];
          for (int part = 0; part < 2; part++) {
            const int at = c + part * 16;
            x[part] = _mm512_mul_ps(_mm512_load_ps(line + at), inverse);
            if (at + 16 <= sure) x[part] = _mm512_sub_ps(x[part], _mm512_set1_ps(spread));
            else if (at >= sure && at + 16 <= count) x[part] = _mm512_sub_ps(x[part], _mm512_set1_ps(spread_drawn));
            else {
              alignas(64) float v[16];
              for (int i = 0; i < 16; i++) v[i] = at + i < sure ? spread : at + i < count ? spread_drawn : 0;
              x[part] = _mm512_sub_ps(x[part], _mm512_load_ps(v));
            }
            if (places[row] >= at && places[row] < at + 16)
              x[part] = _mm512_mask_sub_ps(x[part], 1 << (places[row] - at), x[part], _mm512_set1_ps(1 - smoothing));
          }
          store(at(chances, columns, row, c), narrow(x[0], x[1]));
        }
      }
    }
    linear_input(chances, output_backward, gradient, rows, columns, width, Into::new_place);
    output_gradient.resize((size_t)columns * width);
    memset(output_gradient, 0, (size_t)columns * width * sizeof(float));
    linear_weight(chances, states, output_gradient, rows, columns, width);
    for (int i = 0; i < count; i++) {
      float* to = gradients + (size_t)candidates[i] * width;
      const float* from = output_gradient + (size_t)i * width;
      for (int c = 0; c < width; c += 16) _mm512_storeu_ps(to + c, _mm512_add_ps(_mm512_loadu_ps(to + c), _mm512_loadu_ps(from + c)));
    }
    return total;
  }
};

}  // namespace

extern "C" {

// Asks the kernel for the tiles, once a process; 0 where it refuses.
int amx_begin() { return syscall(SYS_arch_prctl, 0x1023, 18) == 0; }

Engine* amx_new(int width, int heads, int inner, int encoders, int decoders, int vocabulary) {
  return new Engine(width, heads, inner, encoders, decoders, vocabulary);
}

size_t amx_size(Engine* engine) { return engine->size; }
size_t amx_packed_size(Engine* engine) { return engine->packed_size; }

void amx_use(Engine* engine, float* parameters, float* gradients, uint16_t* packed, const float* positions) {
  engine->parameters = parameters;
  engine->gradients = gradients;
  engine->packed = packed;
  engine->positions = positions;
}

void amx_pack(Engine* engine, int part, int parts) { engine->pack_weights(part, parts); }

double amx_step(Engine* engine, const int32_t* source, const int32_t* source_starts, const int32_t* target,
                const int32_t* target_starts, int sentences, const int32_t* places, const int32_t* candidates, int count,
                int sure, float share, float spread, float smoothing) {
  return engine->step({source, source_starts, sentences}, {target, target_starts, sentences}, places, candidates, count,
                      sure, share, spread, smoothing);
}
}
