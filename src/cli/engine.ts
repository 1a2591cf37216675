import { messageOf } from '../errors';
import { ENGINE_NAMES, type EngineName, fetchEngine } from '../jupyter/engines';

// `node dist/cli/engine.js node24` fetches another engine and prints where its program is.

const name = process.argv[2] as EngineName;
if (ENGINE_NAMES.includes(name)) {
  try {
    console.log(fetchEngine(name));
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
} else {
  console.error(`There is no engine ${name}: ${ENGINE_NAMES.join(', ')} can be fetched.`);
  process.exitCode = 1;
}
