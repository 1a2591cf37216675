import { registerKernel } from './register-kernel';

// `npm run kernel`

console.log(registerKernel().join('\n'));
