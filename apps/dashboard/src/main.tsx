import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/ui.css';

const root = document.querySelector('#root');
if (root !== null) createRoot(root).render(<App />);
