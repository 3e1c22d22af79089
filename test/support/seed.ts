/**
 * What fast-check tries follows from one seed, so that the same code passes or fails the same way everywhere. Others
 * are tried weekly, and by `VIGIE_TEST_SEED=$RANDOM`.
 */
import fc from 'fast-check'

const seed = Number(process.env.VIGIE_TEST_SEED || 20_240_513)
if (!Number.isInteger(seed))
  throw new Error(`VIGIE_TEST_SEED must be a whole number, and is ${process.env.VIGIE_TEST_SEED}`)

fc.configureGlobal({ seed })
