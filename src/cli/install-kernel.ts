import { registerKernel } from '../jupyter/kernel/register-kernel';

// `npm run kernel`

console.log(registerKernel().join('\n'));
