/** Logarithm of the number of ways to choose some of all. */
export const logChoose = (all: number, some: number): number => {
  let sum = 0
  for (let one = 0; one < some; one += 1) sum += Math.log((all - one) / (one + 1))
  return sum
}

const steps = 40
const largest = 60

/** Chernoff's bound of -ln P(K >= count) for independent events, of these chances; 0 where so many are expected. */
export const tailOf = (chances: readonly number[], count: number): number => {
  const bounded = chances.map((chance) => Math.min(chance, 1 - 1e-12))
  const sum = bounded.reduce((total, chance) => total + chance, 0)
  if (count <= sum) return 0
  if (count >= bounded.length) return -bounded.reduce((total, chance) => total + Math.log(chance), 0)
  let [low, high] = [0, largest]
  for (let step = 0; step < steps; step += 1) {
    const middle = (low + high) / 2
    const power = Math.exp(middle)
    const mean = bounded.reduce((total, chance) => total + (chance * power) / (1 - chance + chance * power), 0)
    if (mean < count) low = middle
    else high = middle
  }
  const power = Math.exp(low)
  return low * count - bounded.reduce((total, chance) => total + Math.log(1 - chance + chance * power), 0)
}
