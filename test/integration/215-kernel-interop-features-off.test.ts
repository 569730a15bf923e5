//  The suite of 200 and 210 again without features of the data path, each of them
//  off at least once: slower, and as right. With several workers, too.

import test from 'ava'
import {
  engineFeatures,
  type EngineFeatureName,
} from '../../src/base/features.js'
import { kernelInterop } from './kernel-interop.js'

const variants: readonly (readonly EngineFeatureName[])[] = [
  ['tunnel-gso'],
  ['udp-gro', 'tap-uso'],
  ['udp-gso', 'tcp-join', 'udp-join'],
]
const bulk = { bytes: '100M' }
for (const without of variants) {
  kernelInterop(test, {}, { without, bulk, workers: 3 })
}
kernelInterop(test, { offloads: false }, { without: engineFeatures, bulk })
