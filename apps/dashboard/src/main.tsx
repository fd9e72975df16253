import { createRoot } from 'react-dom/client';
// Before all others: the first to be loaded names the layers, in their order.
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/ui.css';
import { App } from './app.tsx';

const root = document.querySelector('#root');
if (root !== null) createRoot(root).render(<App />);
